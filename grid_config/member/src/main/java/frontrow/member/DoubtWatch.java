package frontrow.member;

import com.hazelcast.cluster.Member;
import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.core.IExecutorService;
import frontrow.member.grid.Context;
import frontrow.member.grid.Doubt;
import frontrow.member.grid.BroughtTask;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Ends this member's doubt: as soon as the majority has brought what it had, and this member, too. */
final class DoubtWatch extends Thread {
    private static final long PERIOD_MS = 100;
    private static final long ANSWER_MS_MAX = 500;

    private final HazelcastInstance member;
    private final Doubt doubt;
    private final IExecutorService executor;
    private final int membersMin;
    private final Runnable over;

    /** {@code over}: run when a doubt has ended. */
    DoubtWatch(HazelcastInstance member, Runnable over) {
        super("doubt-watch");
        this.member = member;
        this.doubt = Doubt.of(member);
        this.executor = member.getExecutorService(Start.TASKS);
        this.membersMin = Context.minimum(member);
        this.over = over;
        setDaemon(true);
    }

    @Override
    public void run() {
        boolean stood = false;
        while (member.getLifecycleService().isRunning()) {
            if (doubt.stands()) {
                if (!stood) {
                    Log.info("doubt_began", Map.of("members", member.getCluster().getMembers().size()));
                }
                stood = true;
                look();
            }
            if (stood && !doubt.stands()) {
                stood = false;
                Log.info("doubt_ended", Map.of("members", member.getCluster().getMembers().size()));
                over.run();
            }
            try {
                Thread.sleep(PERIOD_MS);
            } catch (InterruptedException ending) {
                return;
            }
        }
    }

    private void look() {
        try {
            int begun = doubt.times();
            List<Member> majority = doubt.majority(member);
            if (majority.size() == membersMin && doubt.hasBrought() && majority.stream().allMatch(this::hasBrought)) {
                doubt.end(begun);
            }
        } catch (RuntimeException away) {
            Log.info("doubt_lasts", Map.of("reason", String.valueOf(away.getMessage()))); // it leaves, or joins just now
        }
    }

    private boolean hasBrought(Member each) {
        if (each.localMember()) {
            return doubt.hasBrought();
        }
        Future<byte[]> answer = executor.submitToMember(new BroughtTask(), each);
        try {
            return BroughtTask.hasBrought(answer.get(ANSWER_MS_MAX, TimeUnit.MILLISECONDS));
        } catch (ExecutionException | TimeoutException away) {
            return false;
        } catch (InterruptedException ending) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
