package frontrow.member.grid;

import com.hazelcast.core.HazelcastInstance;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;

/** What a member gives its processors and tasks: kept in Hazelcast's user context, under these names. */
public final class Context {
    /** A {@link LongSupplier} of unix milliseconds that never goes back. */
    public static final String CLOCK = "clock";
    /** The member's {@link Hints}. */
    public static final String HINTS = "hints";
    /** An Integer: the smallest cluster that may sell. */
    public static final String MINIMUM = "minimum";
    /** An Integer: orders that one inventory may keep. */
    public static final String LIVE_ORDERS_MAX = "live_orders_max";
    /** An Integer: changes in one inventory's outbox beyond which nothing new is begun. */
    public static final String OUTBOX_CHANGES_MAX = "outbox_changes_max";
    /** A {@link Memory}: who is short of it. */
    public static final String MEMORY = "memory";

    /** An {@link AtomicBoolean}: whether this member's clock is the cluster's, as far as it has asked. */
    public static final String TIME_AGREED = "time_agreed";

    /** A {@link Doubt}: whether this member may lack what others have acknowledged. */
    public static final String DOUBT = "doubt";

    private Context() {
    }

    public static LongSupplier clock(HazelcastInstance member) {
        return (LongSupplier) of(member).get(CLOCK);
    }

    public static Hints hints(HazelcastInstance member) {
        return (Hints) of(member).get(HINTS);
    }

    public static int minimum(HazelcastInstance member) {
        return (Integer) of(member).get(MINIMUM);
    }

    public static int liveOrdersMax(HazelcastInstance member) {
        return (Integer) of(member).get(LIVE_ORDERS_MAX);
    }

    public static int outboxChangesMax(HazelcastInstance member) {
        return (Integer) of(member).get(OUTBOX_CHANGES_MAX);
    }

    public static Memory memory(HazelcastInstance member) {
        return (Memory) of(member).get(MEMORY);
    }

    public static AtomicBoolean timeAgreed(HazelcastInstance member) {
        return (AtomicBoolean) of(member).get(TIME_AGREED);
    }

    public static Doubt doubt(HazelcastInstance member) {
        return (Doubt) of(member).get(DOUBT);
    }

    private static Map<String, Object> of(HazelcastInstance member) {
        return member.getUserContext();
    }
}
