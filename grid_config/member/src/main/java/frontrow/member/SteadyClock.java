package frontrow.member;

import com.hazelcast.internal.util.Clock.ClockImpl;
import frontrow.member.rules.Clock;
import java.util.function.LongSupplier;

/**
 * Hazelcast's own time, the same as ours: the wall clock at start and monotonic from there. With the wall clock itself a member
 * whose clock somebody corrects by seconds takes every heartbeat for too old: it gives up the others, who are well, comes back
 * to them, and counts them as silent for as long as the clock stays wrong, so that nobody may buy what it owns. Hazelcast makes
 * it by name (the system property {@code com.hazelcast.clock.impl}).
 */
public final class SteadyClock extends ClockImpl {
    private final LongSupplier clock = Clock.system();

    @Override
    protected long currentTimeMillis() {
        return clock.getAsLong();
    }
}
