package frontrow.member;

import com.hazelcast.config.Config;
import com.hazelcast.config.InMemoryFormat;
import com.hazelcast.config.MapConfig;
import com.hazelcast.config.MergePolicyConfig;
import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.instance.impl.HazelcastInstanceImpl;
import com.hazelcast.instance.impl.HazelcastInstanceProxy;
import com.hazelcast.internal.serialization.Data;
import com.hazelcast.map.impl.MapService;
import com.hazelcast.map.impl.recordstore.RecordStore;
import com.hazelcast.spi.impl.NodeEngineImpl;
import frontrow.member.grid.Context;
import frontrow.member.grid.Doubt;
import frontrow.member.grid.MemberFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/** A few real members inside the test's JVM, on loopback, with a clock that the test moves. */
public final class TestGrid implements AutoCloseable {
    private static final long WAIT_SECONDS_MAX = 30;

    private final List<HazelcastInstance> members = new ArrayList<>();
    private final List<Config> configurations = new ArrayList<>();
    private final AtomicLong aheadMs = new AtomicLong();
    private final String name = "test-" + UUID.randomUUID();

    /** Starts members that agree on the time. */
    public static TestGrid of(int count) {
        TestGrid grid = new TestGrid();
        for (int number = 0; number < count; number++) {
            grid.add();
        }
        grid.waitUntil(grid::isSettled);
        return grid;
    }

    /**
     * Partitions have owners, every copy is where it belongs, and every member knows so. They get owners when somebody asks for
     * one: a message sent in that moment may reach a backup that does not know yet that it is one, and is dropped.
     */
    private boolean isSettled() {
        boolean safe = members.stream().map(HazelcastInstance::getPartitionService).allMatch(told ->
                told.getPartitions().stream().allMatch(partition -> partition.getOwner() != null) && told.isClusterSafe());
        boolean same = members.stream().mapToLong(TestGrid::partitionsKnown).distinct().count() == 1;
        return safe && same && (members.size() == 1 || isOverDoubt());
    }

    /** One more that agrees with the others on the time. */
    public HazelcastInstance add() {
        HazelcastInstance member = add(this::now);
        Context.timeAgreed(member).set(true);
        return member;
    }

    /** One that has not heard yet whether its clock is right. */
    public HazelcastInstance add(LongSupplier clock) {
        Config config = configuration();
        configurations.forEach(each -> addressesOf(each).forEach(addressesOf(config)::add));
        return start(config, clock);
    }

    /** One that knows of no other before they meet. */
    public HazelcastInstance addAlone() {
        HazelcastInstance member = start(configuration(), this::now);
        Context.timeAgreed(member).set(true);
        return member;
    }

    private HazelcastInstance start(Config config, LongSupplier clock) {
        configurations.add(config);
        HazelcastInstance member = Start.from(config, clock);
        members.add(member);
        return member;
    }

    /** Those that were alone hear of each other, and join. */
    public void meet() {
        List<String> all = configurations.stream().flatMap(each -> addressesOf(each).stream()).distinct().toList();
        configurations.forEach(each -> all.forEach(address -> {
            if (!addressesOf(each).contains(address)) {
                addressesOf(each).add(address);
            }
        }));
        waitUntil(() -> members.stream().allMatch(member -> member.getCluster().getMembers().size() == members.size()));
    }

    /** Whether every member knows again what was acknowledged. */
    public boolean isOverDoubt() {
        return members.stream().noneMatch(member -> Doubt.of(member).stands());
    }

    public HazelcastInstance member(int number) {
        return members.get(number);
    }

    /** The member that owns a key, and the one that has its backup (of two). */
    public HazelcastInstance ownerOf(Object key) {
        UUID owner = members.get(0).getPartitionService().getPartition(key).getOwner().getUuid();
        return members.stream().filter(member -> uuid(member).equals(owner)).findFirst().orElseThrow();
    }

    public HazelcastInstance backupOf(Object key) {
        HazelcastInstance owner = ownerOf(key);
        return members.stream().filter(member -> member != owner).findFirst().orElseThrow();
    }

    public void moveClock(long ms) {
        aheadMs.addAndGet(ms);
    }

    public long now() {
        return System.currentTimeMillis() + aheadMs.get();
    }

    /** Gone at once, nothing handed over. */
    public void kill(HazelcastInstance member) {
        member.getLifecycleService().terminate();
        members.remove(member);
        waitUntil(() -> members.get(0).getCluster().getMembers().size() == members.size());
    }

    /** What a member has under a key, be it owner or backup; null for nothing. */
    public static Object copyAt(HazelcastInstance member, String map, Object key) {
        return onStore(member, map, key, (store, data) -> store.getRecord(data) == null ? null : store.getRecord(data).getValue());
    }

    /** A backup that has lost its copy, as if messages to it had been dropped. */
    public static void loseCopyAt(HazelcastInstance member, String map, Object key) {
        onStore(member, map, key, (store, data) -> {
            store.removeBackup(data, com.hazelcast.wan.impl.CallerProvenance.NOT_WAN);
            return null;
        });
    }

    public void waitUntil(BooleanSupplier so) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(WAIT_SECONDS_MAX);
        while (!so.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("not so after " + WAIT_SECONDS_MAX + " s");
            }
            java.util.concurrent.locks.LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
        }
    }

    @Override
    public void close() {
        members.forEach(member -> member.getLifecycleService().terminate());
    }

    private interface Look {
        Object at(RecordStore<?> store, Data key);
    }

    /** On the partition's own thread, as everything that touches a store. */
    private static Object onStore(HazelcastInstance member, String map, Object key, Look look) {
        NodeEngineImpl engine = node(member).node.getNodeEngine();
        Data data = engine.getSerializationService().toData(key);
        int partition = engine.getPartitionService().getPartitionId(data);
        MapService maps = engine.getService(MapService.SERVICE_NAME);
        var answer = new java.util.concurrent.CompletableFuture<Object>();
        engine.getOperationService().execute(new com.hazelcast.spi.impl.PartitionSpecificRunnable() {
            @Override
            public int getPartitionId() {
                return partition;
            }

            @Override
            public void run() {
                try {
                    answer.complete(look.at(maps.getMapServiceContext().getRecordStore(partition, map), data));
                } catch (RuntimeException failure) {
                    answer.completeExceptionally(failure);
                }
            }
        });
        return answer.orTimeout(WAIT_SECONDS_MAX, TimeUnit.SECONDS).join();
    }

    private static HazelcastInstanceImpl node(HazelcastInstance member) {
        return member instanceof HazelcastInstanceProxy proxy ? proxy.getOriginal() : (HazelcastInstanceImpl) member;
    }

    /** Stands for the table of partitions as a member has it. */
    private static long partitionsKnown(HazelcastInstance member) {
        return node(member).node.getPartitionService().getPartitionStateStamp();
    }

    private static UUID uuid(HazelcastInstance member) {
        return member.getCluster().getLocalMember().getUuid();
    }

    private static int freePort() {
        try (var listener = new java.net.ServerSocket(0, 1, java.net.InetAddress.getLoopbackAddress())) {
            return listener.getLocalPort();
        } catch (java.io.IOException none) {
            throw new java.io.UncheckedIOException(none);
        }
    }

    private Config configuration() {
        Config config = new Config().setClusterName(name);
        config.setProperty("hazelcast.partition.count", "11");
        config.setProperty("hazelcast.logging.type", "none");
        config.setProperty("hazelcast.phone.home.enabled", "false");
        config.setProperty("hazelcast.wait.seconds.before.join", "0");
        config.setProperty("hazelcast.operation.backup.timeout.millis", "1000");
        config.setProperty("hazelcast.operation.fail.on.indeterminate.state", "true");
        config.setProperty("hazelcast.partition.backup.sync.interval", "1");
        config.setProperty("hazelcast.shutdownhook.enabled", "false");
        config.setProperty("hazelcast.merge.first.run.delay.seconds", "1");
        config.setProperty("hazelcast.merge.next.run.delay.seconds", "1");
        config.setProperty("frontrow.members.minimum", "2");
        config.setProperty("frontrow.live.orders.max", "200000");
        config.setProperty("frontrow.outbox.changes.max", "200000");
        config.getMetricsConfig().setEnabled(false);
        config.getSerializationConfig().addDataSerializableFactoryClass(MemberFactory.ID, MemberFactory.class);
        int port = freePort();
        var join = config.getNetworkConfig().setPort(port).setPortAutoIncrement(false).getJoin();
        join.getAutoDetectionConfig().setEnabled(false);
        join.getTcpIpConfig().setEnabled(true).addMember("127.0.0.1:" + port);
        config.getNetworkConfig().getInterfaces().setEnabled(true).addInterface("127.0.0.1");
        for (String map : List.of("inventory", "documents", "attempts")) {
            config.addMapConfig(new MapConfig(map).setInMemoryFormat(InMemoryFormat.OBJECT).setBackupCount(1)
                    .setMergePolicyConfig(new MergePolicyConfig("DiscardMergePolicy", 1)));
        }
        return config;
    }

    private static List<String> addressesOf(Config config) {
        return config.getNetworkConfig().getJoin().getTcpIpConfig().getMembers();
    }
}
