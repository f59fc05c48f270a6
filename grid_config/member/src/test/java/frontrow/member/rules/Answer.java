package frontrow.member.rules;

import java.util.ArrayList;
import java.util.List;

/** A batch's answer, read. */
public final class Answer {
    public final int status;
    public final long incarnation;
    public final long seq;
    public final long durableSeq;
    public final long version;
    public final long now;
    final List<Integer> outcomes = new ArrayList<>();
    final List<byte[]> bodies = new ArrayList<>();

    public Answer(byte[] answer) {
        WireReader in = new WireReader(answer);
        if (in.u8() != 1) {
            throw new AssertionError("format");
        }
        status = in.u8();
        incarnation = in.i64();
        seq = in.i64();
        durableSeq = in.i64();
        version = in.i64();
        now = in.i64();
        for (int left = in.u16(); left > 0; left--) {
            outcomes.add(in.u8());
            bodies.add(in.blob());
        }
        in.end();
    }

    public Outcome batch() {
        return outcome(status);
    }

    /** The outcome of the only, or first, command. */
    public Outcome outcome() {
        if (batch() != Outcome.ACCEPTED) {
            throw new AssertionError("the batch was refused: " + batch());
        }
        return outcome(outcomes.get(0));
    }

    public Outcome outcomeOf(int index) {
        return outcome(outcomes.get(index));
    }

    public Order order() {
        WireReader in = body();
        Order order = Order.read(in);
        in.end();
        return order;
    }

    public WireReader body() {
        return new WireReader(bodies.get(0));
    }

    int[] places() {
        WireReader in = body();
        int[] places = new int[in.u8()];
        for (int index = 0; index < places.length; index++) {
            places[index] = in.i32();
        }
        in.end();
        return places;
    }

    static Outcome outcome(int code) {
        for (Outcome outcome : Outcome.values()) {
            if (outcome.code() == code) {
                return outcome;
            }
        }
        throw new AssertionError("outcome " + code);
    }
}
