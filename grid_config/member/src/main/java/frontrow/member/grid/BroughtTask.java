package frontrow.member.grid;

import frontrow.member.rules.WireWriter;
import java.util.concurrent.Callable;

/** Asks a member whether it has handed over what it had in its time alone. Request: {@code u8 format}; answer: {@code u8 format | u8 brought}. */
public final class BroughtTask extends Parcel implements Callable<byte[]> {
    public BroughtTask() {
        super(MemberFactory.BROUGHT_TASK, new byte[] {Message.FORMAT});
    }

    @Override
    public byte[] call() {
        return new WireWriter(2).u8(Message.FORMAT).u8(Doubt.of(member()).hasBrought() ? 1 : 0).done();
    }

    /** Of an answer of {@link #call}. */
    public static boolean hasBrought(byte[] answer) {
        return answer[1] == 1;
    }
}
