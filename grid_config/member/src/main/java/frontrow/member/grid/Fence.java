package frontrow.member.grid;

import com.hazelcast.cluster.memberselector.MemberSelectors;
import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.instance.impl.HazelcastInstanceImpl;
import com.hazelcast.instance.impl.HazelcastInstanceProxy;
import com.hazelcast.instance.impl.Node;
import com.hazelcast.internal.cluster.ClusterService;
import com.hazelcast.internal.partition.InternalPartition;
import com.hazelcast.internal.partition.PartitionReplica;
import frontrow.member.rules.Tenure;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Held means two copies: an owner acts only while the cluster is large enough and every backup replica of the entry's
 * partition exists and is a live member. Only one that knows what the others have acknowledged, see {@link Doubt}. And only a
 * clock that the others share stamps what is held until when.
 *
 * <p>Needed because Hazelcast waits for no backup that the partition table does not name: while members are removed one
 * at a time, a cut-off owner would be the only one to know what it acknowledges, in spite of split-brain protection.
 */
public final class Fence {
    private static final String KEY = "fence";
    private static final String BACKUPS = "frontrow.backups";
    private static final String INVENTORIES = "inventory";

    private final Node node;
    private final int backups;
    private final AtomicBoolean timeAgreed;
    private final Doubt doubt;

    private Fence(Node node, int backups, AtomicBoolean timeAgreed, Doubt doubt) {
        this.node = node;
        this.backups = backups;
        this.timeAgreed = timeAgreed;
        this.doubt = doubt;
    }

    /** The member's fence; made at the first call, from its minimum and its number of backups. */
    public static Fence of(HazelcastInstance member) {
        Fence known = (Fence) member.getUserContext().get(KEY); // every call comes here: the plain look-up takes no lock
        return known != null ? known : (Fence) member.getUserContext().computeIfAbsent(KEY, key -> make(member));
    }

    /** Whether what this owner does to an entry now stands on enough members and on every backup. */
    public boolean holds(Object key) {
        ClusterService cluster = node.getClusterService();
        if (!timeAgreed.get() || !cluster.isJoined()) {
            return false;
        }
        doubt.saw(cluster.getSize(MemberSelectors.DATA_MEMBER_SELECTOR));
        return !doubt.stands() && everyBackupLives(cluster, key);
    }

    /** This member and the version of the table by which it owns the entry, which every move of it counts up. */
    Tenure.Constellation constellationOf(Object key) {
        return new Tenure.Constellation(partitionOf(key).version(), node.getThisUuid().getLeastSignificantBits());
    }

    /** Whether the owner of an entry or one of its backups is among these members. */
    boolean standsOnAny(Object key, Set<UUID> members) {
        InternalPartition partition = partitionOf(key);
        for (int replica = 0; replica <= backups; replica++) {
            PartitionReplica copy = partition.getReplica(replica);
            if (copy != null && members.contains(copy.uuid())) {
                return true;
            }
        }
        return false;
    }

    private boolean everyBackupLives(ClusterService cluster, Object key) {
        InternalPartition partition = partitionOf(key);
        for (int replica = 1; replica <= backups; replica++) {
            PartitionReplica backup = partition.getReplica(replica);
            if (backup == null || cluster.getMember(backup.address(), backup.uuid()) == null) {
                return false;
            }
        }
        return true;
    }

    private InternalPartition partitionOf(Object key) {
        var partitions = node.getPartitionService();
        return partitions.getPartition(partitions.getPartitionId(key), false);
    }

    private static Fence make(HazelcastInstance member) {
        int configured = member.getConfig().findMapConfig(INVENTORIES).getTotalBackupCount();
        int backups = Integer.getInteger(BACKUPS, configured);
        return new Fence(nodeOf(member), backups, Context.timeAgreed(member), Doubt.of(member));
    }

    static Node nodeOf(HazelcastInstance member) {
        return member instanceof HazelcastInstanceProxy proxy ? proxy.getOriginal().node : ((HazelcastInstanceImpl) member).node;
    }
}
