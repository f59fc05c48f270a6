package frontrow.member.grid;

import com.hazelcast.cluster.Member;
import com.hazelcast.partition.PartitionService;
import frontrow.member.rules.WireWriter;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Predicate;

/**
 * Tells the pump what waits on this member. Request: {@code u8 format}; answer: {@code u8 format | i64 now}, then u32 counts
 * and items: dirty events, due events, wanted events (i64 each), dirty documents, dirty attempts logs (str each).
 */
public final class HintsTask extends Parcel implements Callable<byte[]> {
    /** Items in each list; what is left over is told next time. */
    static final int ITEMS_MAX = 1_000;


    HintsTask() {
        this(null);
    }

    HintsTask(byte[] request) {
        super(MemberFactory.HINTS_TASK, request);
    }

    @Override
    public byte[] call() throws IOException {
        MemberFactory.requireFormat(bytes()[0], Message.FORMAT, "HintsTask");
        Hints hints = Context.hints(member());
        long now = Context.clock(member()).getAsLong();
        Predicate<Object> ours = ownership();
        WireWriter answer = new WireWriter(1_024).u8(Message.FORMAT).i64(now);
        events(answer, hints.dirtyEvents(ITEMS_MAX, ours));
        events(answer, hints.dueEvents(now, ITEMS_MAX, ours));
        events(answer, hints.takeWantedEvents(ITEMS_MAX));
        keys(answer, hints.dirtyDocuments(ITEMS_MAX, ours));
        keys(answer, hints.dirtyAttempts(ITEMS_MAX, ours));
        return answer.done();
    }

    private Predicate<Object> ownership() {
        PartitionService partitions = member().getPartitionService();
        Member local = member().getCluster().getLocalMember();
        return key -> local.equals(partitions.getPartition(key).getOwner());
    }

    private static void events(WireWriter answer, List<Long> events) {
        answer.i32(events.size());
        events.forEach(answer::i64);
    }

    private static void keys(WireWriter answer, List<String> keys) {
        answer.i32(keys.size());
        keys.forEach(answer::text);
    }
}
