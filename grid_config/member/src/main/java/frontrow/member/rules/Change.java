package frontrow.member.rules;

/**
 * An accepted command's effect: what the backup, the outbox, the writer and the audit log get. Past tense: it may not be
 * refused any more.
 *
 * <p>Wire: {@code u8 kind | i64 seq | i64 at | i64 order | i64 account | ip16 | u8 status after | payload}.
 */
public sealed interface Change {
    int HELD = 1;
    int RELEASED = 2;
    int EXPIRED = 3;
    int PAYMENT_STARTED = 4;
    int ATTEMPT_CLOSED = 5;
    int PAID = 6;
    int DECLINED = 7;
    int MONEY_RETURNED = 8;
    int PAYMENT_UNMATCHED = 9;
    int TERMS_CHANGED = 10;

    Head head();

    int kind();

    void writePayload(WireWriter out);

    /** The record, as outbox, backup and pump carry it. */
    default byte[] encode() {
        WireWriter out = new WireWriter(160);
        Head head = head();
        out.u8(kind()).i64(head.seq).i64(head.at).i64(head.order).i64(head.account).wide(head.ip).u8(head.status);
        writePayload(out);
        return out.done();
    }

    /**
     * What every change tells.
     *
     * @param at unix ms, stamped by the owner
     * @param ip whence it came; what a provider or the clock caused has the order's
     * @param status of the order after it; 0: there is none
     */
    record Head(long seq, long at, long order, long account, Wide ip, int status) {
        static Head read(WireReader in) {
            return new Head(in.i64(), in.i64(), in.i64(), in.i64(), in.wide(), in.u8());
        }
    }

    /**
     * Money at a provider.
     *
     * @param amount kopecks
     */
    record Money(long attempt, PaymentResult result, long amount, String provider, int method) {
        static Money read(WireReader in) {
            return new Money(in.i64(), PaymentResult.of(in.u8()), in.i64(), in.text(), in.u8());
        }

        void write(WireWriter out) {
            out.i64(attempt).u8(result.code()).i64(amount).text(provider).u8(method);
        }
    }

    /** An order began. The three arrays are of equal length and belong to the change. */
    record Held(Head head, Wide commandId, long fingerprint, long deadlineAt, long total, int[] places, byte[] categories,
            int[] prices) implements Change {
        @Override
        public int kind() {
            return HELD;
        }

        @Override
        public void writePayload(WireWriter out) {
            out.wide(commandId).i64(fingerprint).i64(deadlineAt).i64(total).u8(places.length);
            for (int index = 0; index < places.length; index++) {
                out.i32(places[index]).u8(categories[index]).i32(prices[index]);
            }
        }

        static Held read(Head head, WireReader in) {
            Wide commandId = in.wide();
            long fingerprint = in.i64();
            long deadlineAt = in.i64();
            long total = in.i64();
            int count = in.u8();
            Held held = new Held(head, commandId, fingerprint, deadlineAt, total, new int[count], new byte[count], new int[count]);
            for (int index = 0; index < count; index++) {
                held.places[index] = in.i32();
                held.categories[index] = (byte) in.u8();
                held.prices[index] = in.i32();
            }
            return held;
        }
    }

    /**
     * Released by the shopper, or expired.
     *
     * @param openAttempt that the provider has not closed; 0: none
     */
    record Ended(Head head, int kind, long openAttempt, String provider, int method) implements Change {
        @Override
        public void writePayload(WireWriter out) {
            out.i64(openAttempt).text(provider).u8(method);
        }

        static Ended read(Head head, int kind, WireReader in) {
            return new Ended(head, kind, in.i64(), in.text(), in.u8());
        }
    }

    /** An attempt to pay was opened. */
    record PaymentStarted(Head head, long attempt, int method, String provider, long deadlineAt, long total) implements Change {
        @Override
        public int kind() {
            return PAYMENT_STARTED;
        }

        @Override
        public void writePayload(WireWriter out) {
            out.i64(attempt).u8(method).text(provider).i64(deadlineAt).i64(total);
        }

        static PaymentStarted read(Head head, WireReader in) {
            return new PaymentStarted(head, in.i64(), in.u8(), in.text(), in.i64(), in.i64());
        }
    }

    /** An attempt ended without money; the order is held again. */
    record AttemptClosed(Head head, long attempt, PaymentResult result, long deadlineAt) implements Change {
        @Override
        public int kind() {
            return ATTEMPT_CLOSED;
        }

        @Override
        public void writePayload(WireWriter out) {
            out.i64(attempt).u8(result.code()).i64(deadlineAt);
        }

        static AttemptClosed read(Head head, WireReader in) {
            return new AttemptClosed(head, in.i64(), PaymentResult.of(in.u8()), in.i64());
        }
    }

    /**
     * Money came and the places are kept.
     *
     * @param retaken the order had expired and took its places again
     */
    record Paid(Head head, Money money, boolean retaken) implements Change {
        @Override
        public int kind() {
            return PAID;
        }

        @Override
        public void writePayload(WireWriter out) {
            money.write(out);
            out.flag(retaken);
        }

        static Paid read(Head head, WireReader in) {
            return new Paid(head, Money.read(in), in.flag());
        }
    }

    /** The provider said no, or could not take what it had reserved; the places are free. */
    record Declined(Head head, long attempt, PaymentResult result) implements Change {
        @Override
        public int kind() {
            return DECLINED;
        }

        @Override
        public void writePayload(WireWriter out) {
            out.i64(attempt).u8(result.code());
        }

        static Declined read(Head head, WireReader in) {
            return new Declined(head, in.i64(), PaymentResult.of(in.u8()));
        }
    }

    /** Money came that must go back. */
    record MoneyReturned(Head head, Money money, ReturnReason reason) implements Change {
        @Override
        public int kind() {
            return MONEY_RETURNED;
        }

        @Override
        public void writePayload(WireWriter out) {
            money.write(out);
            out.u8(reason.code());
        }

        static MoneyReturned read(Head head, WireReader in) {
            return new MoneyReturned(head, Money.read(in), ReturnReason.of(in.u8()));
        }
    }

    /** Money came for an order that is in no record here. */
    record PaymentUnmatched(Head head, Money money) implements Change {
        @Override
        public int kind() {
            return PAYMENT_UNMATCHED;
        }

        @Override
        public void writePayload(WireWriter out) {
            money.write(out);
        }

        static PaymentUnmatched read(Head head, WireReader in) {
            return new PaymentUnmatched(head, Money.read(in));
        }
    }

    /** The event's terms of sale were edited. */
    record TermsChanged(Head head, Terms terms) implements Change {
        @Override
        public int kind() {
            return TERMS_CHANGED;
        }

        @Override
        public void writePayload(WireWriter out) {
            terms.write(out);
        }
    }

    /** Reads one whole record. {@code categories}: of the event's plan, for which terms must have prices. */
    static Change decode(byte[] record, int categories) {
        WireReader in = new WireReader(record);
        int kind = in.u8();
        Head head = Head.read(in);
        Change change = switch (kind) {
            case HELD -> Held.read(head, in);
            case RELEASED, EXPIRED -> Ended.read(head, kind, in);
            case PAYMENT_STARTED -> PaymentStarted.read(head, in);
            case ATTEMPT_CLOSED -> AttemptClosed.read(head, in);
            case PAID -> Paid.read(head, in);
            case DECLINED -> Declined.read(head, in);
            case MONEY_RETURNED -> MoneyReturned.read(head, in);
            case PAYMENT_UNMATCHED -> PaymentUnmatched.read(head, in);
            case TERMS_CHANGED -> new TermsChanged(head, Terms.read(in, categories));
            default -> throw new MalformedException("change of kind " + kind);
        };
        in.end();
        return change;
    }
}
