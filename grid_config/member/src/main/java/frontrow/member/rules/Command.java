package frontrow.member.rules;

/**
 * What may be asked of an inventory: each kind reads its own body. Anything that is not the shape of its kind is
 * malformed and answered as invalid. A command's kind and u32 length come before its body. {@link Batch} has them decided;
 * README.md ("A new command") lists what else a new one needs.
 */
public sealed interface Command {
    int HOLD = 1;
    int RELEASE = 2;
    int START_PAYMENT = 3;
    int SETTLE = 4;
    int EXPIRE = 5;
    int READ_SEATS = 6;
    int READ_ORDER = 7;
    int DRAIN = 8;
    int ACKNOWLEDGE = 9;
    int RESTORE = 10;
    int OPEN = 11;
    int DROP = 12;
    int STATUS = 13;
    int DUE = 14;
    int TERMS = 15;
    int WHOLE = 16;
    int LEAVE = 17;

    /** Whether a kind needs no entry. */
    static boolean worksWithoutEntry(int kind) {
        return kind == RESTORE || kind == STATUS || kind == LEAVE;
    }

    /** Whether a kind is for a shut entry too: what restoring and the pump need. */
    static boolean worksWhileShut(int kind) {
        return switch (kind) {
            case RESTORE, OPEN, DROP, STATUS, DRAIN, ACKNOWLEDGE, WHOLE -> true;
            default -> false;
        };
    }

    /** How a hold says what it wants. */
    sealed interface Wish {
        int SEATS = 0;
        int BEST_AVAILABLE = 1;
        int AREAS = 2;
    }

    record Seats(int[] places) implements Wish {
    }

    record Best(int category, int quantity) implements Wish {
    }

    /** So many places in each of these areas. */
    record InAreas(int[] areas, int[] quantities) implements Wish {
    }

    record Hold(Wide commandId, long fingerprint, long order, long account, Wide ip, Wish wish) implements Command {
        static Hold read(WireReader in) {
            return new Hold(in.wide(), in.i64(), in.i64(), in.i64(), in.wide(), readWish(in));
        }

        private static Wish readWish(WireReader in) {
            return switch (in.u8()) {
                case Wish.SEATS -> readSeats(in);
                case Wish.BEST_AVAILABLE -> new Best(in.u8(), in.u8());
                case Wish.AREAS -> readAreas(in);
                default -> throw new MalformedException("form of a hold");
            };
        }

        private static Seats readSeats(WireReader in) {
            int[] places = new int[in.u8()];
            for (int index = 0; index < places.length; index++) {
                places[index] = in.i32();
            }
            return new Seats(places);
        }

        private static InAreas readAreas(WireReader in) {
            int count = in.u8();
            InAreas wish = new InAreas(new int[count], new int[count]);
            for (int index = 0; index < count; index++) {
                wish.areas[index] = in.u16();
                wish.quantities[index] = in.u8();
            }
            return wish;
        }
    }

    record Release(long order, long account, Wide ip) implements Command {
    }

    record StartPayment(long order, long account, Wide ip, long attempt, int method, String provider) implements Command {
    }

    /** What became of an attempt; the money's amount is 0 where none moved. */
    record Settle(long order, Change.Money money, Wide ip) implements Command {
    }

    record Expire() implements Command {
    }

    record ReadSeats(long incarnation, long version) implements Command {
    }

    /** Account 0: the system asks, whosoever the order is. */
    record ReadOrder(long order, long account) implements Command {
    }

    record Drain(long incarnation, long seq, long changeId, int most) implements Command {
    }

    record Acknowledge(Acknowledgement acknowledgement, byte[] body) implements Command {
    }

    /** Decoded only where there is no entry: a repeat is answered without building one. */
    record Restore(byte[] body) implements Command {
    }

    record Open(long incarnation) implements Command {
    }

    record Drop(long incarnation) implements Command {
    }

    record Status() implements Command {
    }

    record Due(int most) implements Command {
    }

    record ChangeTerms(byte[] body) implements Command {
    }

    /** Everything that PostgreSQL should know: for a pump whose position is older than what the outbox still has. */
    record Whole() implements Command {
    }

    /** The event is long over: its entry may go, if it stands at this position with nothing left to do. */
    record Leave(long incarnation, long seq, long changeId) implements Command {
    }

    static Command read(int kind, WireReader in) {
        Command command = switch (kind) {
            case HOLD -> Hold.read(in);
            case RELEASE -> new Release(in.i64(), in.i64(), in.wide());
            case START_PAYMENT -> new StartPayment(in.i64(), in.i64(), in.wide(), in.i64(), in.u8(), in.text());
            case SETTLE -> readSettle(in);
            case EXPIRE -> new Expire();
            case READ_SEATS -> new ReadSeats(in.i64(), in.i64());
            case READ_ORDER -> new ReadOrder(in.i64(), in.i64());
            case DRAIN -> new Drain(in.i64(), in.i64(), in.i64(), in.u16());
            case ACKNOWLEDGE -> readAcknowledge(in.rest());
            case RESTORE -> new Restore(in.rest());
            case OPEN -> new Open(in.i64());
            case DROP -> new Drop(in.i64());
            case STATUS -> new Status();
            case DUE -> new Due(in.u16());
            case TERMS -> new ChangeTerms(in.rest());
            case WHOLE -> new Whole();
            case LEAVE -> new Leave(in.i64(), in.i64(), in.i64());
            default -> throw new MalformedException("command of kind " + kind);
        };
        in.end();
        return command;
    }

    private static Settle readSettle(WireReader in) {
        long order = in.i64();
        Change.Money money = Change.Money.read(in);
        return new Settle(order, money, in.wide());
    }

    private static Acknowledge readAcknowledge(byte[] body) {
        return new Acknowledge(Acknowledgement.read(new WireReader(body)), body);
    }
}
