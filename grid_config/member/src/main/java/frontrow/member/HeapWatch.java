package frontrow.member;

import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.core.HazelcastInstanceNotActiveException;
import frontrow.member.grid.Context;
import frontrow.member.grid.Memory;
import java.util.Map;

/**
 * Keeps an eye on this member's heap, so that a full member refuses new orders and does not die. What it finds stands in
 * {@link Memory}; the other members ask for it.
 */
final class HeapWatch extends Thread {
    private static final long PERIOD_MS = 100;
    private static final long BYTES_PER_MIB = 1 << 20;

    private final HazelcastInstance member;
    private final Heap heap;
    private final HeapRule rule;

    HeapWatch(HazelcastInstance member, Heap heap) {
        super("heap-watch");
        this.member = member;
        this.heap = heap;
        this.rule = new HeapRule(heap);
        setDaemon(true);
    }

    @Override
    public void run() {
        try {
            while (member.getLifecycleService().isRunning()) {
                look();
                Thread.sleep(PERIOD_MS);
            }
        } catch (InterruptedException ending) {
            Thread.currentThread().interrupt();
        } catch (HazelcastInstanceNotActiveException left) {
            return;
        }
    }

    private void look() {
        int members = member.getCluster().getMembers().size();
        long bound = rule.bound(members, Context.minimum(member));
        boolean changed = rule.judge(bound, System.nanoTime() / 1_000_000);
        long live = heap.lived();
        Context.memory(member).standsAt(new Memory.State(live, bound, rule.isShort()), member.getCluster().getLocalMember().getUuid());
        if (changed) {
            tell(Map.of("live_mib", live / BYTES_PER_MIB, "bound_mib", bound / BYTES_PER_MIB, "members", members));
        }
    }

    private void tell(Map<String, ?> figures) {
        if (rule.isShort()) {
            Log.alarm("memory_short", figures);
        } else {
            Log.info("memory_enough", figures);
        }
    }
}
