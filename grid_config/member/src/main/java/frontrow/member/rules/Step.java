package frontrow.member.rules;

/**
 * One thing done to an inventory, by its owner and then by its backup from the same bytes. Reading a step may fail,
 * applying one cannot.
 */
sealed interface Step {
    int CHANGE = 0;
    int ACKNOWLEDGE = 1;
    int OPEN = 2;
    int RESTORED = 3;
    int DROP = 4;
    int DIVERGED = 5;
    int LED = 6;

    byte[] NO_BYTES = {};

    int type();

    byte[] bytes();

    /** Answers the inventory after it; null: there is none any more. */
    Inventory apply(Inventory inventory);

    record Changed(Change change, byte[] bytes) implements Step {
        Changed(Change change) {
            this(change, change.encode());
        }

        @Override
        public int type() {
            return CHANGE;
        }

        @Override
        public Inventory apply(Inventory inventory) {
            inventory.apply(change, bytes);
            return inventory;
        }
    }

    record Acknowledged(Acknowledgement acknowledgement, byte[] bytes) implements Step {
        @Override
        public int type() {
            return ACKNOWLEDGE;
        }

        @Override
        public Inventory apply(Inventory inventory) {
            acknowledgement.apply(inventory);
            return inventory;
        }
    }

    record Opened() implements Step {
        @Override
        public int type() {
            return OPEN;
        }

        @Override
        public byte[] bytes() {
            return NO_BYTES;
        }

        @Override
        public Inventory apply(Inventory inventory) {
            inventory.setOpen(true);
            return inventory;
        }
    }

    /** Carries {@code i64 at} before the command's body: versions begin at that time on every copy. */
    record Restored(Inventory built, byte[] bytes) implements Step {
        static Restored of(byte[] body, long at) {
            return new Restored(Restoration.build(body, at), new WireWriter(Long.BYTES + body.length).i64(at).raw(body).done());
        }

        static Restored read(byte[] bytes) {
            WireReader in = new WireReader(bytes);
            long at = in.i64();
            return new Restored(Restoration.build(in.rest(), at), bytes);
        }

        @Override
        public int type() {
            return RESTORED;
        }

        @Override
        public Inventory apply(Inventory inventory) {
            return built;
        }
    }

    record Dropped() implements Step {
        @Override
        public int type() {
            return DROP;
        }

        @Override
        public byte[] bytes() {
            return NO_BYTES;
        }

        @Override
        public Inventory apply(Inventory inventory) {
            return null;
        }
    }

    /** It remembers another history than PostgreSQL: it sells no more. */
    record Diverged() implements Step {
        @Override
        public int type() {
            return DIVERGED;
        }

        @Override
        public byte[] bytes() {
            return NO_BYTES;
        }

        @Override
        public Inventory apply(Inventory inventory) {
            inventory.setDiverged();
            return inventory;
        }
    }

    /** Another owner acts than before, or with other backups: {@code i64 era | i64 table | i64 owner}. */
    record Led(Tenure tenure) implements Step {
        static Led read(byte[] bytes) {
            WireReader in = new WireReader(bytes);
            Led led = new Led(Tenure.read(in));
            in.end();
            return led;
        }

        @Override
        public int type() {
            return LED;
        }

        @Override
        public byte[] bytes() {
            return tenure.write(new WireWriter(Tenure.BYTES)).done();
        }

        @Override
        public Inventory apply(Inventory inventory) {
            inventory.begin(tenure);
            return inventory;
        }
    }

    /** {@code categories}: of the plan of the inventory that it will be applied to. */
    static Step read(int type, byte[] bytes, int categories) {
        return switch (type) {
            case CHANGE -> new Changed(Change.decode(bytes, categories), bytes);
            case ACKNOWLEDGE -> new Acknowledged(Acknowledgement.read(new WireReader(bytes)), bytes);
            case OPEN -> new Opened();
            case RESTORED -> Restored.read(bytes);
            case DROP -> new Dropped();
            case DIVERGED -> new Diverged();
            case LED -> Led.read(bytes);
            default -> throw new MalformedException("step of type " + type);
        };
    }
}
