package frontrow.member.rules;

/**
 * A batch of commands at work on one inventory, in order; each sees the effects of those before it.
 *
 * <p>Answer: {@code u8 1 | u8 status | i64 incarnation | i64 seq | i64 durable_seq | i64 version | i64 now | u16 count |
 * count × (u8 outcome, u32 length, body)}; the numbers are the entry's after the batch, zeros when there is none.
 */
public final class Batch {
    private static final int HEADER_BYTES = 44;
    private static final int BYTES_PER_OUTCOME = 192;
    private static final int INCARNATION_AT = 2;

    private final Request request;
    private final Bounds bounds;
    private final long now;
    private final Tenure.Constellation constellation;
    private final BackupMessage backup;
    private final WireWriter answer;
    private Inventory inventory;
    private boolean needsBackup;
    private int lapsed;
    private RuntimeException fault;

    private Batch(long event, Inventory inventory, Request request, long now, Bounds bounds, Tenure.Constellation constellation) {
        this.inventory = inventory;
        this.request = request;
        this.now = now;
        this.bounds = bounds;
        this.constellation = constellation;
        this.backup = new BackupMessage(event, inventory);
        this.answer = header(Outcome.ACCEPTED, now, request.count());
    }

    /**
     * What a batch came to.
     *
     * @param inventory after it; null: none. The same object as before unless it was restored or dropped
     * @param changed whether it, or what is in it, is not what it was
     * @param backup what the backup must confirm before the answer goes out; null: nothing
     * @param wanted whether the entry was asked for and is missing or shut
     * @param fault an error in our own rules, met while deciding: nothing was touched, its command is answered unavailable;
     *     null: none
     */
    public record Result(Inventory inventory, boolean changed, byte[] answer, byte[] backup, boolean wanted, RuntimeException fault) {
    }

    /**
     * Runs a batch at the owner. {@code inventory} is null when there is no entry; {@code clock} in unix ms; {@code constellation}:
     * who the owner is.
     */
    public static Result run(long event, Inventory inventory, Request request, long clock, Bounds bounds, Tenure.Constellation constellation) {
        long now = inventory == null ? clock : Math.max(clock, inventory.lastAt());
        Outcome status = admit(inventory, request, now);
        if (status != Outcome.ACCEPTED) {
            boolean wanted = status == Outcome.MISSING || status == Outcome.SHUT;
            return new Result(inventory, false, refusal(status, now), null, wanted, null);
        }
        return new Batch(event, inventory, request, now, bounds, constellation).run();
    }

    /** The answer to a batch of which nothing was looked at. */
    public static byte[] refusal(Outcome status, long now) {
        return header(status, now, 0).done();
    }

    private static Outcome admit(Inventory inventory, Request request, long now) {
        if (request.isLate(now)) {
            return Outcome.LATE;
        }
        for (int index = 0; index < request.count(); index++) {
            if (inventory == null && !Command.worksWithoutEntry(request.kind(index))) {
                return Outcome.MISSING;
            }
            if (inventory != null && !inventory.isOpen() && !Command.worksWhileShut(request.kind(index))) {
                return Outcome.SHUT;
            }
        }
        return Outcome.ACCEPTED;
    }

    private static WireWriter header(Outcome status, long now, int count) {
        return new WireWriter(HEADER_BYTES + count * BYTES_PER_OUTCOME)
                .u8(Limits.FORMAT_VERSION).u8(status.code()).i64(0).i64(0).i64(0).i64(0).i64(now).u16(count);
    }

    private Result run() {
        lead();
        lapse();
        for (int index = 0; index < request.count(); index++) {
            execute(request.kind(index), request.body(index));
        }
        boolean changed = !backup.isBarrier();
        if (inventory != null) {
            patch(inventory.incarnation(), inventory.seq(), inventory.durableSeq(), inventory.version());
        }
        return new Result(inventory, changed, answer.done(), changed || needsBackup ? backup.done() : null, false, fault);
    }

    private void patch(long... numbers) {
        for (int index = 0; index < numbers.length; index++) {
            answer.patch64(INCARNATION_AT + Long.BYTES * index, numbers[index]);
        }
    }

    /** Due holds lapse before anything is decided, up to a bound for the whole batch. */
    private void lapse() {
        while (inventory != null && inventory.isOpen() && lapsed < Limits.LAPSE_ORDERS_MAX && !bounds.refuseAll(inventory)) {
            Change lapse = LapseRule.next(inventory, now);
            if (lapse == null) {
                return;
            }
            take(new Step.Changed(lapse));
            lapsed++;
        }
    }

    private void execute(int kind, WireReader body) {
        Decision decision = decideSafely(kind, body);
        if (decision.step() != null) {
            take(decision.step());
        }
        needsBackup |= decision.needsBackup();
        answer.u8(decision.outcome().code());
        int part = answer.beginPart();
        decision.body().write(answer, inventory);
        answer.endPart(part);
    }

    private void take(Step step) {
        backup.add(step);
        inventory = step.apply(inventory);
        if (step instanceof Step.Restored) {
            lead();
        }
    }

    /**
     * An owner that has not acted in this constellation begins a tenure, before anything is told: should members meet again that
     * were all alone, the copy is kept from which the last acknowledgement came.
     */
    private void lead() {
        if (inventory != null) {
            Tenure tenure = inventory.tenure().led(constellation, now);
            if (tenure != inventory.tenure()) {
                take(new Step.Led(tenure));
            }
        }
    }

    /** Deciding touches nothing, so an error in it harms this command only. */
    private Decision decideSafely(int kind, WireReader body) {
        try {
            return decide(Command.read(kind, body));
        } catch (MalformedException malformed) {
            return Decision.refuse(Outcome.INVALID);
        } catch (RuntimeException error) {
            fault = error;
            return Decision.refuse(Outcome.UNAVAILABLE);
        }
    }

    private Decision decide(Command command) {
        if (command instanceof Command.Restore restore) {
            return LifeRule.restore(inventory, restore, now, bounds);
        }
        if (command instanceof Command.Leave leave) {
            return LifeRule.leave(inventory, leave, now);
        }
        if (command instanceof Command.Status) {
            return LifeRule.status(inventory);
        }
        if (inventory == null) {
            return Decision.refuse(Outcome.MISSING); // a command before this one has dropped it
        }
        if (command instanceof Command.Hold hold) {
            return decideHold(hold);
        }
        return command instanceof Command.ReadSeats read ? ReadRule.seats(inventory, read) : decideOther(command);
    }

    private Decision decideHold(Command.Hold hold) {
        Change inTheWay = bounds.refuseAll(inventory) ? null : LapseRule.inTheWay(inventory, hold, now);
        while (inTheWay != null) {
            take(new Step.Changed(inTheWay));
            inTheWay = LapseRule.inTheWay(inventory, hold, now);
        }
        return HoldRule.decide(inventory, hold, now, bounds);
    }

    private Decision decideOther(Command command) {
        if (command instanceof Command.ReadOrder read) {
            return ReadRule.order(inventory, read);
        }
        if (command instanceof Command.Release release) {
            return ReleaseRule.decide(inventory, release, now, bounds);
        }
        if (command instanceof Command.StartPayment start) {
            return PaymentRule.decide(inventory, start, now, bounds);
        }
        if (command instanceof Command.Settle settle) {
            return SettleRule.decide(inventory, settle, now, bounds);
        }
        if (command instanceof Command.Drain drain) {
            return PumpRule.drain(inventory, drain);
        }
        if (command instanceof Command.Acknowledge acknowledge) {
            return PumpRule.acknowledge(inventory, acknowledge);
        }
        if (command instanceof Command.Whole) {
            return PumpRule.whole(inventory);
        }
        if (command instanceof Command.Due due) {
            return PumpRule.due(inventory, due, now);
        }
        if (command instanceof Command.Expire) {
            return expire();
        }
        if (command instanceof Command.Open open) {
            return LifeRule.open(inventory, open);
        }
        if (command instanceof Command.Drop drop) {
            return LifeRule.drop(inventory, drop);
        }
        if (command instanceof Command.ChangeTerms terms) {
            return LifeRule.changeTerms(inventory, terms, now, bounds);
        }
        throw new IllegalStateException("nobody decides " + command);
    }

    /** The sweep: answers how many holds lapsed in this batch. */
    private Decision expire() {
        lapse();
        int count = lapsed;
        return Decision.accept(null, (out, after) -> out.i32(count));
    }
}
