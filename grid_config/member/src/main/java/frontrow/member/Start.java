package frontrow.member;

import com.hazelcast.config.Config;
import com.hazelcast.config.YamlConfigBuilder;
import com.hazelcast.core.Hazelcast;
import com.hazelcast.core.HazelcastInstance;
import frontrow.member.grid.Context;
import frontrow.member.grid.Doubt;
import frontrow.member.grid.Hints;
import frontrow.member.grid.Memory;
import frontrow.member.rules.Clock;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;

/** Makes a member from its configuration: Hazelcast's own, and beside it what our processors need. */
final class Start {
    /** The executor of hints and self-tests. */
    static final String TASKS = "hints";

    private static final String MINIMUM = "frontrow.members.minimum";
    private static final String LIVE_ORDERS_MAX = "frontrow.live.orders.max";
    private static final String OUTBOX_CHANGES_MAX = "frontrow.outbox.changes.max";
    /** For tests alone: {@link MovedClock}. */
    private static final String CLOCK_FILE = "frontrow.clock.file";

    private Start() {
    }

    /** From a file, with the machine's clock. IOException when it cannot be read. */
    static HazelcastInstance from(Path yaml) throws IOException {
        Config config = new YamlConfigBuilder(yaml.toString()).build();
        String file = config.getProperty(CLOCK_FILE);
        return from(config, file == null ? Clock.system() : moved(Path.of(file)));
    }

    private static LongSupplier moved(Path file) {
        Log.info("clock_follows_a_file", Map.of("file", file.toString()));
        return new MovedClock(Clock.system(), System::currentTimeMillis, file);
    }

    static HazelcastInstance from(Config config, LongSupplier clock) {
        var context = config.getUserContext();
        context.put(Context.CLOCK, clock);
        context.put(Context.HINTS, new Hints());
        context.put(Context.MINIMUM, number(config, MINIMUM));
        context.put(Context.LIVE_ORDERS_MAX, number(config, LIVE_ORDERS_MAX));
        context.put(Context.OUTBOX_CHANGES_MAX, number(config, OUTBOX_CHANGES_MAX));
        context.put(Context.MEMORY, new Memory());
        Doubt doubt = new Doubt(number(config, MINIMUM));
        context.put(Context.DOUBT, doubt);
        context.put(Context.TIME_AGREED, new AtomicBoolean());
        HazelcastInstance member = Hazelcast.newHazelcastInstance(config);
        member.getCluster().addMembershipListener(doubt);
        member.getLifecycleService().addLifecycleListener(new Homecoming(member));
        new DoubtWatch(member, new Rehint(member)::plan).start();
        return member;
    }

    /** IllegalArgumentException when the configuration does not say. */
    private static int number(Config config, String property) {
        String text = config.getProperty(property);
        if (text == null) {
            throw new IllegalArgumentException("the configuration lacks " + property);
        }
        return Integer.parseInt(text);
    }
}
