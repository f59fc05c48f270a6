package frontrow.member.rules;

/**
 * A batch as it came: {@code u8 1 | i64 made_at | u16 count | count × (u8 kind, u32 length, body)}. Cut into its commands;
 * what is inside them is read when their turn comes.
 */
public final class Request {
    private final long madeAt;
    private final int[] kinds;
    private final WireReader[] bodies;

    private Request(WireReader in) {
        madeAt = in.i64();
        int count = in.u16();
        if (count > Limits.BATCH_COMMANDS_MAX) {
            throw new MalformedException(count + " commands in one batch");
        }
        kinds = new int[count];
        bodies = new WireReader[count];
        for (int index = 0; index < count; index++) {
            kinds[index] = in.u8();
            bodies[index] = in.part();
        }
        in.end();
    }

    /** Throws MalformedException for another format and for bytes that are no batch. */
    public static Request read(byte[] request) {
        WireReader in = new WireReader(request);
        int format = in.u8();
        if (format != Limits.FORMAT_VERSION) {
            throw new MalformedException("format " + format);
        }
        return new Request(in);
    }

    int count() {
        return kinds.length;
    }

    /** No commands: it only asks the owner to note its hints again. */
    public boolean isEmpty() {
        return kinds.length == 0;
    }

    int kind(int index) {
        return kinds[index];
    }

    WireReader body(int index) {
        return bodies[index];
    }

    boolean isLate(long now) {
        return Math.abs(now - madeAt) > Limits.BATCH_AGE_MS_MAX;
    }
}
