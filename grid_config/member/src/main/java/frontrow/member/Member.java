package frontrow.member;

import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.core.HazelcastException;
import frontrow.member.grid.SelfTestTask;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/**
 * One grid member as a process: {@code java ... frontrow.member.Member CONFIGURATION.yaml}. On TERM it hands its entries
 * over and leaves (the configuration's shutdown policy). Exit status: 2 for a configuration that cannot be used,
 * 3 for a clock apart.
 */
public final class Member {
    private static final int UNUSABLE = 2;
    private static final int CLOCK_APART = 3;
    private static final int BYTES_PER_MIB = 1 << 20;

    private Member() {
    }

    public static void main(String[] arguments) {
        Log.configure();
        if (arguments.length != 1) {
            Log.alarm("member_unusable", Map.of("reason", "wants one argument: the configuration's file"));
            System.exit(UNUSABLE);
        }
        try {
            HazelcastInstance member = Start.from(Path.of(arguments[0]));
            selfTest(member);
            new HeapWatch(member, Heap.ofThisMachine()).start();
            new ClockWatch(member, () -> leave(member)).start();
        } catch (IOException | IllegalArgumentException | HazelcastException unusable) {
            Log.alarm("member_unusable", Map.of("reason", String.valueOf(unusable.getMessage())));
            System.exit(UNUSABLE);
        }
    }

    /** What a person wants to see first when members do not agree. */
    private static void selfTest(HazelcastInstance member) {
        Log.info("member_started", Map.of(
                "version", SelfTestTask.jarVersion(),
                "hazelcast", member.getCluster().getLocalMember().getVersion().toString(),
                "java", Runtime.version().toString(),
                "heap_mib", Runtime.getRuntime().maxMemory() / BYTES_PER_MIB,
                "partitions", member.getPartitionService().getPartitions().size(),
                "members", member.getCluster().getMembers().size()));
    }

    private static void leave(HazelcastInstance member) {
        member.shutdown();
        System.exit(CLOCK_APART);
    }
}
