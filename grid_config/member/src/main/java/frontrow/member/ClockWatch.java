package frontrow.member;

import com.hazelcast.cluster.Member;
import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.core.IExecutorService;
import frontrow.member.grid.Context;
import frontrow.member.grid.Memory;
import frontrow.member.grid.SelfTestTask;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;

/**
 * Compares this member's clock with the other members', second by second. A clock that is apart would let holds lapse
 * early or late wherever this member is the owner: until it has heard that its clock is right, and as soon as it hears that it
 * is not, this member stamps nothing; when that stays so it leaves, gracefully, while the others go on. Whether they are short
 * of memory comes with the same answers.
 */
final class ClockWatch extends Thread {
    static final long APART_MS = 2_000;
    /** Rounds in a row that must say the same: a pause of the machine between question and answer proves nothing. */
    static final int ROUNDS = 3;

    private static final long PERIOD_MS = 1_000;
    private static final long ANSWER_MS_MAX = 500;

    private final HazelcastInstance member;
    private final LongSupplier clock;
    private final Memory memory;
    private final AtomicBoolean agreed;
    private final IExecutorService executor;
    private final Runnable leave;

    ClockWatch(HazelcastInstance member, Runnable leave) {
        super("clock-watch");
        this.member = member;
        this.clock = Context.clock(member);
        this.memory = Context.memory(member);
        this.agreed = Context.timeAgreed(member);
        this.executor = member.getExecutorService(Start.TASKS);
        this.leave = leave;
        setDaemon(true);
    }

    @Override
    public void run() {
        int rounds = 0;
        while (member.getLifecycleService().isRunning()) {
            List<Long> differences = differences();
            long apart = apartMs(differences);
            boolean isApart = Math.abs(apart) > APART_MS;
            if (differences.size() > 1 || member.getCluster().getMembers().size() == 1) { // else nobody has answered: as before
                agreed.set(!isApart);
            }
            rounds = isApart ? rounds + 1 : 0;
            if (rounds == ROUNDS) {
                Log.alarm("clock_apart", Map.of("cluster_minus_member_ms", apart));
                leave.run();
                return;
            }
            if (!slept()) {
                return;
            }
        }
    }

    /**
     * How far the cluster's clock is from this member's: the middle one of all, this one's zero among them; of two, the
     * older member's. The list is in the order of age.
     */
    static long apartMs(List<Long> differences) {
        if (differences.size() <= 2) {
            return differences.isEmpty() ? 0 : differences.get(0);
        }
        return differences.stream().sorted().toList().get((differences.size() - 1) / 2);
    }

    private List<Long> differences() {
        List<Long> differences = new ArrayList<>();
        Set<Member> members = member.getCluster().getMembers(); // the oldest first
        memory.keepOnly(members.stream().map(Member::getUuid).collect(Collectors.toSet()));
        for (Member other : members) {
            if (other.localMember()) {
                differences.add(0L);
            } else {
                ask(other, differences);
            }
        }
        return differences;
    }

    /** Adds nothing when the answer does not come in time: another part of the system watches for members that are away. */
    private void ask(Member other, List<Long> differences) {
        try {
            long asked = clock.getAsLong();
            Future<byte[]> answer = executor.submitToMember(new SelfTestTask(), other);
            SelfTestTask.Told told = SelfTestTask.Told.read(answer.get(ANSWER_MS_MAX, TimeUnit.MILLISECONDS));
            memory.heard(other.getUuid(), told.isMemoryShort());
            long answered = clock.getAsLong();
            if (answered - asked <= APART_MS) { // or it says too little
                differences.add(told.clock() - (asked + answered) / 2);
            }
        } catch (ExecutionException | TimeoutException | RuntimeException away) {
            return;
        } catch (InterruptedException ending) {
            Thread.currentThread().interrupt();
        }
    }

    private static boolean slept() {
        try {
            Thread.sleep(PERIOD_MS);
            return true;
        } catch (InterruptedException ending) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
