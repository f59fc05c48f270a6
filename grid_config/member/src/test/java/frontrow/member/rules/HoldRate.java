package frontrow.member.rules;

import java.lang.management.ManagementFactory;

/**
 * How many holds a second one inventory takes on its owner's path (decode, decide, apply, encode answer and backup message),
 * without Hazelcast. Run: {@code mvn -q -o test-compile && java -cp target/test-classes:target/classes:target/lib/hppc-0.9.1.jar
 * frontrow.member.rules.HoldRate}.
 */
public final class HoldRate {
    private static final int ROWS = 600;
    private static final int SEATS_PER_ROW = 50;
    private static final int BATCH = 64;
    private static final int ROUNDS = 30;

    private HoldRate() {
    }

    public static void main(String[] arguments) {
        for (int round = 0; round < ROUNDS; round++) {
            chosenSeats();
        }
        for (int round = 0; round < ROUNDS / 2; round++) {
            bestAvailable();
        }
        snapshots();
    }

    /** Of this thread: other work on the machine does not count. */
    private static long cpuNanos() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }

    private static BoxOffice office() {
        Hall hall = new Hall();
        for (int row = 0; row < ROWS; row++) {
            hall.row(SEATS_PER_ROW);
        }
        BoxOffice office = BoxOffice.of(hall);
        office.loseMessages = true;
        return office;
    }

    private static void chosenSeats() {
        BoxOffice office = office();
        int orders = ROWS * SEATS_PER_ROW / 2;
        Request[] requests = new Request[orders / BATCH];
        for (int batch = 0; batch < requests.length; batch++) {
            byte[][] commands = new byte[BATCH][];
            for (int index = 0; index < BATCH; index++) {
                int order = batch * BATCH + index;
                commands[index] = Commands.hold(order + 1, order + 1, 2 * order, 2 * order + 1);
            }
            requests[batch] = Request.read(Commands.batch(office.now, commands));
        }
        report("chosen seats", office, requests);
    }

    private static void bestAvailable() {
        BoxOffice office = office();
        Request[] requests = new Request[ROWS * SEATS_PER_ROW / 2 / BATCH];
        for (int batch = 0; batch < requests.length; batch++) {
            byte[][] commands = new byte[BATCH][];
            for (int index = 0; index < BATCH; index++) {
                int order = batch * BATCH + index;
                commands[index] = Commands.holdBest(order + 1, order + 1, 0, 2);
            }
            requests[batch] = Request.read(Commands.batch(office.now, commands));
        }
        report("best available", office, requests);
    }

    private static void report(String what, BoxOffice office, Request[] requests) {
        long begun = cpuNanos();
        for (Request request : requests) {
            office.owner = Batch.run(BoxOffice.EVENT, office.owner, request, office.now, office.bounds, office.constellation).inventory();
        }
        double seconds = (cpuNanos() - begun) / 1e9;
        int held = office.owner.orders().size();
        System.out.printf("%s: %d holds of two seats, %,.0f holds/s%n", what, held, held / seconds);
    }

    private static void snapshots() {
        BoxOffice office = office();
        Request request = Request.read(Commands.batch(office.now, Commands.readSeats(0, 0)));
        int count = 20_000;
        long begun = cpuNanos();
        for (int index = 0; index < count; index++) {
            Batch.run(BoxOffice.EVENT, office.owner, request, office.now, office.bounds, office.constellation);
        }
        System.out.printf("snapshot of %,d seats: %.1f µs%n", ROWS * SEATS_PER_ROW, (cpuNanos() - begun) / 1e3 / count);
    }
}
