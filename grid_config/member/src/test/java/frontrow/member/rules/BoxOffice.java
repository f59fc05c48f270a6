package frontrow.member.rules;

/**
 * An owner and a backup of one inventory under a clock that tests move: every batch runs at the owner, its message at the
 * backup.
 */
final class BoxOffice {
    static final long EVENT = 5;
    static final long START = 1_760_000_000_000L;

    long now = START;
    Bounds bounds = Bounds.DEFAULT;
    Tenure.Constellation constellation = new Tenure.Constellation(1, 1);
    Inventory owner;
    Inventory backup;
    /** The message of the latest batch; null: none was needed. */
    byte[] message;
    boolean loseMessages;
    private long drainedSeq;
    private long drainedId;

    static BoxOffice of(Hall hall) {
        BoxOffice office = new BoxOffice();
        office.ask(Commands.restore(hall.restoreBody()));
        office.ask(Commands.open(Hall.INCARNATION));
        return office;
    }

    /** Ten seats in a row, of which account 1 holds two as its order 1. */
    static BoxOffice holdingTwoOfTen() {
        BoxOffice office = of(new Hall().row(10).startsAt(START + 100_000_000));
        office.hold(1, 3, 4);
        return office;
    }

    /** Account 1 begins to pay its order 1. */
    Outcome start(long attempt) {
        return ask(Commands.startPayment(1, 1, attempt)).outcome();
    }

    Answer ask(byte[]... commands) {
        return run(Commands.batch(now, commands));
    }

    Answer run(byte[] request) {
        Batch.Result result = Batch.run(EVENT, owner, Request.read(request), now, bounds, constellation);
        if (result.fault() != null) {
            throw new AssertionError("a rule failed", result.fault());
        }
        owner = result.inventory();
        message = result.backup();
        if (message != null && !loseMessages) {
            backup = BackupMessage.apply(backup, message);
        }
        return new Answer(result.answer());
    }

    void pass(long ms) {
        now += ms;
    }

    /** Holds seats for an account named like the order. */
    Outcome hold(long order, int... places) {
        return ask(Commands.hold(order, order, places)).outcome();
    }

    Order order(long number) {
        return ask(Commands.readOrder(number, 0)).order();
    }

    OrderStatus status(long number) {
        return order(number).status();
    }

    Outcome settle(long order, long attempt, PaymentResult result, long amount) {
        return ask(Commands.settle(order, attempt, result, amount)).outcome();
    }

    /** Hold, start to pay and pay: two seats at the usual price unless they are other ones. */
    void buy(long order, int... places) {
        must(hold(order, places));
        must(ask(Commands.startPayment(order, order, attempt(order))).outcome());
        must(settle(order, attempt(order), PaymentResult.AUTHORISED, order(order).total()));
    }

    static long attempt(long order) {
        return 1_000_000 + order;
    }

    /** The pump: everything becomes durable; paid orders among {@code confirmed} get their verdict. */
    void makeDurable(long... confirmed) {
        byte[][] verdicts = new byte[confirmed.length][];
        for (int index = 0; index < confirmed.length; index++) {
            verdicts[index] = Commands.verdict(confirmed[index], 1);
        }
        must(ask(Commands.acknowledge(owner.incarnation(), owner.seq(), verdicts)).outcome());
    }

    /** Drains everything after the last drain; answers the records. */
    Answer drain(int most) {
        Answer answer = ask(Commands.drain(owner.incarnation(), drainedSeq, drainedId, most));
        if (answer.outcome() == Outcome.ACCEPTED) {
            WireReader in = answer.body();
            in.i64();
            drainedSeq = in.i64();
            drainedId = in.i64();
        }
        return answer;
    }

    String states() {
        return new String(owner.places().states(), java.nio.charset.StandardCharsets.US_ASCII);
    }

    static void must(Outcome outcome) {
        if (outcome != Outcome.ACCEPTED) {
            throw new AssertionError("expected ACCEPTED, was " + outcome);
        }
    }
}
