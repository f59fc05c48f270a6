package frontrow.member.grid;

import frontrow.member.rules.WireReader;
import frontrow.member.rules.WireWriter;
import java.util.concurrent.Callable;

/**
 * Says what a member is. Request: {@code u8 format}; answer: {@code u8 format | str jar_version | u8 lowest_format |
 * u8 highest_format | i64 clock (unix ms) | u32 members | u32 minimum}. Units ask every member at their start; members ask
 * each other for the clock.
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
        return new WireWriter(64)
                .u8(Message.FORMAT)
                .text(jarVersion())
                .u8(LOWEST_FORMAT)
                .u8(HIGHEST_FORMAT)
                .i64(Context.clock(member()).getAsLong())
                .i32(member().getCluster().getMembers().size())
                .i32(Context.minimum(member()))
                .done();
    }

    /** The clock in an answer of {@link #call}, unix ms. */
    public static long clockOf(byte[] answer) {
        var in = new WireReader(answer);
        in.u8();
        in.text();
        in.raw(2);
        return in.i64();
    }

    /** The version that Maven wrote into the jar's manifest; "unpacked" when run from class files. */
    public static String jarVersion() {
        String version = SelfTestTask.class.getPackage().getImplementationVersion();
        return version == null ? "unpacked" : version;
    }
}
