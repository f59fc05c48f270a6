package frontrow.member.rules;

/** Framed commands as units, pump and reader send them. */
public final class Commands {
    public static final Wide IP = new Wide(0, 0x0771_00cb_ffff_0000L);

    private Commands() {
    }

    static Wide commandId(long order) {
        return new Wide(order, ~order);
    }

    private static WireWriter holdHead(long order, long account) {
        return new WireWriter(96).wide(commandId(order)).i64(order).i64(order).i64(account).wide(IP);
    }

    public static byte[] hold(long order, long account, int... places) {
        return holdWithId(commandId(order), order, order, account, places);
    }

    public static byte[] holdWithId(Wide id, long fingerprint, long order, long account, int... places) {
        WireWriter out = new WireWriter(96).wide(id).i64(fingerprint).i64(order).i64(account).wide(IP);
        out.u8(Command.Wish.SEATS).u8(places.length);
        for (int place : places) {
            out.i32(place);
        }
        return framed(Command.HOLD, out);
    }

    public static byte[] holdBest(long order, long account, int category, int quantity) {
        return framed(Command.HOLD, holdHead(order, account).u8(Command.Wish.BEST_AVAILABLE).u8(category).u8(quantity));
    }

    /** Pairs of area and quantity. */
    public static byte[] holdAreas(long order, long account, int... wanted) {
        WireWriter out = holdHead(order, account).u8(Command.Wish.AREAS).u8(wanted.length / 2);
        for (int index = 0; index < wanted.length; index += 2) {
            out.u16(wanted[index]).u8(wanted[index + 1]);
        }
        return framed(Command.HOLD, out);
    }

    public static byte[] release(long order, long account) {
        return framed(Command.RELEASE, new WireWriter(32).i64(order).i64(account).wide(IP));
    }

    public static byte[] startPayment(long order, long account, long attempt) {
        return startPayment(order, account, attempt, 1, "sandbox");
    }

    public static byte[] startPayment(long order, long account, long attempt, int method, String provider) {
        return framed(Command.START_PAYMENT,
                new WireWriter(64).i64(order).i64(account).wide(IP).i64(attempt).u8(method).text(provider));
    }

    public static byte[] settle(long order, long attempt, PaymentResult result, long amount) {
        return framed(Command.SETTLE, new WireWriter(64).i64(order).i64(attempt).u8(result.code()).i64(amount).text("sandbox")
                .u8(1).wide(IP));
    }

    public static byte[] expire() {
        return framed(Command.EXPIRE, new WireWriter(0));
    }

    public static byte[] readSeats(long incarnation, long version) {
        return framed(Command.READ_SEATS, new WireWriter(16).i64(incarnation).i64(version));
    }

    public static byte[] readOrder(long order, long account) {
        return framed(Command.READ_ORDER, new WireWriter(16).i64(order).i64(account));
    }

    public static byte[] drain(long incarnation, long seq, long changeId, int most) {
        return framed(Command.DRAIN, new WireWriter(26).i64(incarnation).i64(seq).i64(changeId).u16(most));
    }

    public static byte[] acknowledge(long incarnation, long seq, byte[]... verdicts) {
        WireWriter out = new WireWriter(64).i64(incarnation).i64(seq).i32(verdicts.length);
        for (byte[] verdict : verdicts) {
            out.raw(verdict);
        }
        return framed(Command.ACKNOWLEDGE, out);
    }

    public static byte[] verdict(long order, int verdict, int... places) {
        WireWriter out = new WireWriter(64).i64(order).u8(verdict).u8(places.length);
        for (int place : places) {
            out.i32(place);
        }
        return out.done();
    }

    public static byte[] restore(byte[] body) {
        return framed(Command.RESTORE, new WireWriter(0).raw(body));
    }

    public static byte[] open(long incarnation) {
        return framed(Command.OPEN, new WireWriter(8).i64(incarnation));
    }

    public static byte[] drop(long incarnation) {
        return framed(Command.DROP, new WireWriter(8).i64(incarnation));
    }

    public static byte[] status() {
        return framed(Command.STATUS, new WireWriter(0));
    }

    public static byte[] due(int most) {
        return framed(Command.DUE, new WireWriter(2).u16(most));
    }

    public static byte[] terms(byte[] terms) {
        return framed(Command.TERMS, new WireWriter(64).raw(terms));
    }

    public static byte[] leave(long incarnation, long seq, long changeId) {
        return framed(Command.LEAVE, new WireWriter(24).i64(incarnation).i64(seq).i64(changeId));
    }

    public static byte[] whole() {
        return framed(Command.WHOLE, new WireWriter(0));
    }

    public static byte[] batch(long madeAt, byte[]... commands) {
        WireWriter out = new WireWriter(256).u8(1).i64(madeAt).u16(commands.length);
        for (byte[] command : commands) {
            out.raw(command);
        }
        return out.done();
    }

    public static byte[] framed(int kind, WireWriter body) {
        return new WireWriter(128).u8(kind).blob(body.done()).done();
    }
}
