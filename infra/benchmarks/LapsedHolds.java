import frontrow.member.rules.Batch;
import frontrow.member.rules.Bounds;
import frontrow.member.rules.Inventory;
import frontrow.member.rules.InventoryCodec;
import frontrow.member.rules.Request;
import frontrow.member.rules.Tenure;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Holds that nobody pays for, as many as asked, on one inventory under a moved clock; prints its size as JSON: fresh, at the
 * largest, and when the last of them has been forgotten. The real rules, without Hazelcast, because its clock cannot be moved.
 *
 * <p>Arguments: a file with the batch that restores the event, its incarnation, its seats, unix ms of that batch,
 * how many holds.
 */
public final class LapsedHolds {
    private static final int HOLDS_PER_BATCH = 250;
    private static final long MS_PER_BATCH = 2_500; // 100 holds a second, each of one seat for five minutes: 30,000 at a time
    private static final long AFTERWARDS_MS = 3_000_000; // the last hold lapses, and its record is kept fifteen minutes
    private static final int AFTERWARDS_HOLDS = 100;
    private static final byte HOLD = 1;
    private static final byte ACKNOWLEDGE = 9;
    private static final byte OPEN = 11;
    private static final byte STATUS = 13;
    private static final long EVENT = 1;
    private static final Tenure.Constellation CONSTELLATION = new Tenure.Constellation(1, 1);
    private static final int SEQ_AT = 10;
    private static final int STATUS_BODY_AT = 44 + 5;
    private static final int BYTES_ESTIMATE_AT = STATUS_BODY_AT + 1 + 4 * Long.BYTES + 3 * Integer.BYTES;

    private final long incarnation;
    private final int seats;
    private long now;
    private long orders;
    private Inventory inventory;

    private LapsedHolds(long incarnation, int seats, long now) {
        this.incarnation = incarnation;
        this.seats = seats;
        this.now = now;
    }

    public static void main(String[] arguments) throws IOException {
        LapsedHolds run = new LapsedHolds(Long.parseLong(arguments[1]), Integer.parseInt(arguments[2]), Long.parseLong(arguments[3]));
        run.ask(Files.readAllBytes(Path.of(arguments[0])));
        run.open();
        long fresh = run.serialized();
        long freshEstimate = run.estimate();
        long largest = 0;
        long largestEstimate = 0;
        long holds = Long.parseLong(arguments[4]);
        while (run.orders < holds) {
            run.holdBatch();
            if (run.orders % 50_000 == 0) {
                largest = Math.max(largest, run.serialized());
                largestEstimate = Math.max(largestEstimate, run.estimate());
            }
        }
        run.forget();
        System.out.printf("{\"lapsed\":%d,\"fresh\":%d,\"fresh_estimate\":%d,\"largest\":%d,\"largest_estimate\":%d,"
                + "\"after\":%d,\"after_estimate\":%d}%n", run.orders, fresh, freshEstimate, largest, largestEstimate,
                run.serialized(), run.estimate());
    }

    private void open() {
        ByteBuffer batch = batch(1, 64);
        command(batch, OPEN, ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(incarnation));
        ask(written(batch));
    }

    private void holdBatch() {
        ByteBuffer batch = batch(HOLDS_PER_BATCH, 64 + HOLDS_PER_BATCH * 96);
        for (int index = 0; index < HOLDS_PER_BATCH; index++) {
            long order = ++orders;
            command(batch, HOLD, hold(order, (int) ((order - 1) % seats)));
        }
        byte[] answer = ask(written(batch));
        for (int at = 44, index = 0; index < HOLDS_PER_BATCH; index++) {
            if (answer[at] != 0) {
                throw new IllegalStateException("hold " + (orders - HOLDS_PER_BATCH + index + 1) + " came to outcome " + answer[at]);
            }
            at += 5 + ByteBuffer.wrap(answer).order(ByteOrder.LITTLE_ENDIAN).getInt(at + 1);
        }
        acknowledge(answer);
        now += MS_PER_BATCH;
    }

    /** Time goes on with a hold now and then: the last holds lapse, their records grow old and are forgotten step by step. */
    private void forget() {
        for (int step = 0; step < AFTERWARDS_HOLDS; step++) {
            now += AFTERWARDS_MS / AFTERWARDS_HOLDS;
            ByteBuffer batch = batch(1, 128);
            command(batch, HOLD, hold(Long.MAX_VALUE - step, step));
            acknowledge(ask(written(batch)));
        }
    }

    private static ByteBuffer hold(long order, int place) {
        ByteBuffer hold = ByteBuffer.allocate(62).order(ByteOrder.LITTLE_ENDIAN);
        hold.putLong(order).putLong(~order).putLong(order).putLong(order).putLong(order); // id, fingerprint, order, account
        hold.putLong(0).putLong(0x0100_007f_ffff_0000L); // 127.0.0.1
        return hold.put((byte) 0).put((byte) 1).putInt(place);
    }

    private void acknowledge(byte[] answer) {
        ByteBuffer body = ByteBuffer.allocate(20).order(ByteOrder.LITTLE_ENDIAN);
        body.putLong(incarnation).putLong(ByteBuffer.wrap(answer).order(ByteOrder.LITTLE_ENDIAN).getLong(SEQ_AT)).putInt(0);
        ByteBuffer batch = batch(1, 64);
        command(batch, ACKNOWLEDGE, body);
        ask(written(batch));
    }

    private long estimate() {
        ByteBuffer batch = batch(1, 64);
        command(batch, STATUS, ByteBuffer.allocate(0));
        return ByteBuffer.wrap(ask(written(batch))).order(ByteOrder.LITTLE_ENDIAN).getLong(BYTES_ESTIMATE_AT);
    }

    private long serialized() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        InventoryCodec.write(inventory, new DataOutputStream(out));
        return out.size();
    }

    private byte[] ask(byte[] request) {
        Batch.Result result = Batch.run(EVENT, inventory, Request.read(request), now, Bounds.DEFAULT, CONSTELLATION);
        if (result.fault() != null || result.answer()[1] != 0) {
            throw new IllegalStateException("a batch came to status " + result.answer()[1], result.fault());
        }
        inventory = result.inventory();
        return result.answer();
    }

    private ByteBuffer batch(int commands, int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN).put((byte) 1).putLong(now).putShort((short) commands);
    }

    private static void command(ByteBuffer batch, byte kind, ByteBuffer body) {
        batch.put(kind).putInt(body.capacity()).put(body.array());
    }

    private static byte[] written(ByteBuffer batch) {
        byte[] bytes = new byte[batch.position()];
        batch.flip().get(bytes);
        return bytes;
    }
}
