package frontrow.member.grid;

import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.map.impl.MapService;
import com.hazelcast.map.impl.recordstore.RecordStore;
import com.hazelcast.spi.impl.NodeEngineImpl;
import com.hazelcast.spi.impl.PartitionSpecificRunnable;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;

/** Everything that a member has of our maps, read past the protection that keeps others out while it is alone. */
public final class Belongings {
    private Belongings() {
    }

    /** One copy, and where it belongs. */
    public record Belonging(String map, Object key, Copy copy) {
    }

    /** The copies of all partitions that this member owns or backs up, as far as it knows. */
    public static Queue<Belonging> of(HazelcastInstance member) throws InterruptedException {
        NodeEngineImpl engine = Fence.nodeOf(member).getNodeEngine();
        Queue<Belonging> all = new ConcurrentLinkedQueue<>();
        int partitions = engine.getPartitionService().getPartitionCount();
        CountDownLatch read = new CountDownLatch(partitions);
        for (int partition = 0; partition < partitions; partition++) {
            engine.getOperationService().execute(new Reading(engine, partition, all, read));
        }
        read.await();
        return all;
    }

    /** On the partition's own thread, as everything that touches its stores. */
    private record Reading(NodeEngineImpl engine, int partition, Queue<Belonging> all, CountDownLatch read)
            implements PartitionSpecificRunnable {
        @Override
        public int getPartitionId() {
            return partition;
        }

        @Override
        public void run() {
            try {
                if (engine.getPartitionService().getPartition(partition, false).isOwnerOrBackup(engine.getThisAddress())) {
                    Rehints.byMap().keySet().forEach(this::take);
                }
            } finally {
                read.countDown();
            }
        }

        private void take(String map) {
            MapService maps = engine.getService(MapService.SERVICE_NAME);
            RecordStore<?> store = maps.getMapServiceContext().getPartitionContainer(partition).getExistingRecordStore(map);
            if (store == null) {
                return;
            }
            List<Belonging> found = new ArrayList<>();
            store.forEach((key, record) -> {
                if (record.getValue() instanceof Copy copy) {
                    found.add(new Belonging(map, engine.getSerializationService().toObject(key), copy));
                }
            }, false);
            all.addAll(found);
        }
    }
}
