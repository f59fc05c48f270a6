package frontrow.member;

import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.map.IMap;
import com.hazelcast.partition.MigrationListener;
import com.hazelcast.partition.MigrationState;
import com.hazelcast.partition.ReplicaMigrationEvent;
import frontrow.member.grid.Rehints;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Hints are memory of the member that owned the entries. When partitions have moved, this member goes once over what it
 * owns now, so that the pump hears of waiting changes within a second and not only from its slow sweep.
 */
final class Rehint implements MigrationListener {
    /** Members leave one after another, and each moves partitions: one sweep for all of it. */
    private static final long GATHER_MS = 500;

    private final HazelcastInstance member;
    private final AtomicBoolean planned = new AtomicBoolean();
    private final ScheduledExecutorService sweeps = Executors.newSingleThreadScheduledExecutor(sweep -> {
        Thread thread = new Thread(sweep, "rehint");
        thread.setDaemon(true);
        return thread;
    });

    Rehint(HazelcastInstance member) {
        this.member = member;
        member.getPartitionService().addMigrationListener(this);
    }

    @Override
    public void migrationStarted(MigrationState state) {
        // The end is what counts.
    }

    @Override
    public void migrationFinished(MigrationState state) {
        plan();
    }

    @Override
    public void replicaMigrationCompleted(ReplicaMigrationEvent event) {
        if (event.getReplicaIndex() == 0) {
            plan();
        }
    }

    @Override
    public void replicaMigrationFailed(ReplicaMigrationEvent event) {
        // Tried again by Hazelcast.
    }

    /** Soon, once: also for what has come otherwise than by a move. */
    void plan() {
        if (planned.compareAndSet(false, true)) {
            sweeps.schedule(this::sweep, GATHER_MS, TimeUnit.MILLISECONDS);
        }
    }

    private void sweep() {
        planned.set(false);
        try {
            for (var processor : Rehints.byMap().entrySet()) {
                IMap<Object, Object> map = member.getMap(processor.getKey());
                map.executeOnKeys(map.localKeySet(), processor.getValue());
            }
        } catch (RuntimeException away) {
            // Below the minimum, or moving again: the next migration or the pump's sweep comes by.
            Log.info("rehint_put_off", Map.of("reason", String.valueOf(away.getMessage())));
        }
    }
}
