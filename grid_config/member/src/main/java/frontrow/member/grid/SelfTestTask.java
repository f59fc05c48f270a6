package frontrow.member.grid;

import frontrow.member.rules.WireReader;
import frontrow.member.rules.WireWriter;
import java.util.concurrent.Callable;

/**
 * Says what a member is. Request: {@code u8 format}; answer: {@code u8 format | str jar_version | u8 lowest_format |
 * u8 highest_format | i64 clock (unix ms) | u32 members | u32 minimum | i64 heap_live | i64 heap_bound (bytes) | u8 memory_short}.
 * Units ask every member again and again; members ask each other for the clock and the memory.
 */
public final class SelfTestTask extends Parcel implements Callable<byte[]> {
    static final int LOWEST_FORMAT = 1;
    static final int HIGHEST_FORMAT = Message.FORMAT;


    public SelfTestTask() {
        this(new byte[] {Message.FORMAT});
    }

    SelfTestTask(byte[] request) {
        super(MemberFactory.SELF_TEST_TASK, request);
    }

    /** Answers whatever format it is asked in: that is what it is for. */
    @Override
    public byte[] call() {
        Memory.State heap = Context.memory(member()).own();
        return new WireWriter(64)
                .u8(Message.FORMAT)
                .text(jarVersion())
                .u8(LOWEST_FORMAT)
                .u8(HIGHEST_FORMAT)
                .i64(Context.clock(member()).getAsLong())
                .i32(member().getCluster().getMembers().size())
                .i32(Context.minimum(member()))
                .i64(heap.liveBytes())
                .i64(heap.boundBytes())
                .u8(heap.isShort() ? 1 : 0)
                .done();
    }

    /**
     * What another member asks for.
     *
     * @param clock unix ms
     */
    public record Told(long clock, boolean isMemoryShort) {
        /** Of an answer of {@link #call}. */
        public static Told read(byte[] answer) {
            var in = new WireReader(answer);
            in.u8();
            in.text();
            in.raw(2);
            long clock = in.i64();
            in.raw(2 * Integer.BYTES + 2 * Long.BYTES);
            return new Told(clock, in.u8() == 1);
        }
    }

    /** The version that Maven wrote into the jar's manifest; "unpacked" when run from class files. */
    public static String jarVersion() {
        String version = SelfTestTask.class.getPackage().getImplementationVersion();
        return version == null ? "unpacked" : version;
    }
}
