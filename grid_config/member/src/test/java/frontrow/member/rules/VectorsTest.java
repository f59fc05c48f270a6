package frontrow.member.rules;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.hazelcast.internal.json.Json;
import com.hazelcast.internal.json.JsonArray;
import com.hazelcast.internal.json.JsonObject;
import com.hazelcast.internal.json.JsonValue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * The byte vectors shared with Python. {@code mvn test -Dtest=VectorsTest -Dfrontrow.vectors.write=true} writes java_*.json
 * anew; without it they must be what the code writes today. python_*.json are read here.
 */
class VectorsTest {
    private static final Path VECTORS = Path.of("../../tests/contract/vectors");

    @TestFactory
    Stream<DynamicTest> theVectorsForPythonAreWhatJavaWritesToday() {
        return VectorSamples.byFile().entrySet().stream().map(file -> dynamicTest(file.getKey(), () -> check(file)));
    }

    private static void check(Map.Entry<String, List<Vector>> file) throws IOException {
        Path path = VECTORS.resolve(file.getKey());
        String text = Vector.file(file.getValue());
        if (Boolean.getBoolean("frontrow.vectors.write")) {
            Files.writeString(path, text);
        }
        assertEquals(text, Files.readString(path));
    }

    @TestFactory
    Stream<DynamicTest> whatPythonWroteHasTheFieldsPythonMeant() throws IOException {
        try (Stream<Path> files = Files.list(VECTORS)) {
            List<Path> python = files.filter(path -> path.getFileName().toString().startsWith("python_")).sorted().toList();
            assertTrue(python.size() >= 3, "python's vectors are missing");
            return python.stream().flatMap(VectorsTest::vectors).map(vector -> dynamicTest(vector.getString("name", ""), () -> read(vector)));
        }
    }

    private static Stream<JsonObject> vectors(Path path) {
        try {
            JsonArray array = Json.parse(Files.readString(path)).asArray();
            return StreamSupport.stream(array.spliterator(), false).map(JsonValue::asObject);
        } catch (IOException failure) {
            throw new java.io.UncheckedIOException(failure);
        }
    }

    private static void read(JsonObject vector) {
        byte[] bytes = HexFormat.of().parseHex(vector.getString("hex", ""));
        JsonObject fields = vector.get("fields").asObject();
        String message = vector.getString("name", "").split("/")[0];
        switch (message) {
            case "command" -> PythonCommands.check(bytes, fields);
            case "batch" -> checkBatch(bytes, fields);
            case "layout" -> checkLayout(bytes, fields);
            case "terms" -> checkTerms(bytes, fields);
            case "order" -> checkOrder(bytes, fields);
            default -> throw new AssertionError("nobody reads " + message);
        }
    }

    private static void checkBatch(byte[] bytes, JsonObject fields) {
        Request request = Request.read(bytes);
        JsonArray commands = fields.get("commands").asArray();
        assertEquals(commands.size(), request.count());
        for (int index = 0; index < request.count(); index++) {
            WireWriter framed = new WireWriter(16).u8(request.kind(index)).blob(request.body(index).rest());
            assertEquals(commands.get(index).asString(), Vector.hex(framed.done()));
        }
        long madeAt = fields.get("made_at").asLong();
        assertTrue(!request.isLate(madeAt) && request.isLate(madeAt + Limits.BATCH_AGE_MS_MAX + 1));
    }

    private static void checkLayout(byte[] bytes, JsonObject fields) {
        Layout layout = Layout.read(new WireReader(bytes));
        assertArrayEquals(bytes, layout.encode());
        assertEquals(fields.getInt("categories", -1), layout.categories());
        JsonArray categories = fields.get("seat_categories").asArray();
        JsonArray scores = fields.get("scores").asArray();
        assertEquals(categories.size(), layout.seats());
        for (int seat = 0; seat < layout.seats(); seat++) {
            assertEquals(categories.get(seat).asInt(), layout.category(seat));
            assertEquals(scores.get(seat).asInt(), layout.score(seat));
        }
        for (JsonValue run : fields.get("runs").asArray()) {
            int start = run.asArray().get(0).asInt();
            assertEquals(start, layout.runStart(layout.run(start)));
            assertEquals(start + run.asArray().get(1).asInt(), layout.runEnd(layout.run(start)));
        }
        JsonArray areas = fields.get("areas").asArray();
        assertEquals(areas.size(), layout.areas());
        for (int area = 0; area < layout.areas(); area++) {
            assertEquals(areas.get(area).asArray().get(0).asInt(), layout.areaCategory(area));
            assertEquals(areas.get(area).asArray().get(1).asInt(), layout.areaCapacity(area));
        }
    }

    static void checkTerms(byte[] bytes, JsonObject fields) {
        JsonArray prices = fields.get("prices").asArray();
        Terms terms = Terms.read(new WireReader(bytes), prices.size());
        assertEquals(fields.get("opens_at").asLong(), terms.opensAt());
        assertEquals(fields.get("starts_at").asLong(), terms.startsAt());
        assertEquals(fields.get("limit").asInt(), terms.limit());
        assertEquals(fields.get("orphan_rule").asInt() == 1, terms.orphanRule());
        assertEquals(fields.get("hold_ms").asInt(), terms.holdMs());
        for (int category = 0; category < prices.size(); category++) {
            assertEquals(prices.get(category).asInt(), terms.price(category));
        }
        WireWriter out = new WireWriter(64);
        terms.write(out);
        assertArrayEquals(bytes, out.done());
    }

    private static void checkOrder(byte[] bytes, JsonObject fields) {
        WireReader in = new WireReader(bytes);
        Order order = Order.read(in);
        in.end();
        assertEquals(fields.get("order").asLong(), order.number());
        assertEquals(fields.get("account").asLong(), order.account());
        assertEquals(fields.getString("command_id", ""), Vector.hex(order.commandId()));
        assertEquals(fields.get("fingerprint").asLong(), order.fingerprint());
        assertEquals(fields.get("status").asInt(), order.status().code());
        assertEquals(fields.get("refund").asInt(), order.refund().ordinal());
        assertEquals(fields.get("seq").asLong(), order.seq());
        assertEquals(fields.get("held_until").asLong(), order.heldUntil());
        assertEquals(fields.get("deadline_at").asLong(), order.deadlineAt());
        assertEquals(fields.get("extended").asInt() == 1, order.isExtended());
        assertEquals(fields.get("ended_at").asLong(), order.endedAt());
        assertEquals(fields.get("attempt").asLong(), order.attempt());
        assertEquals(fields.get("attempt_open").asInt() == 1, order.isAttemptOpen());
        assertEquals(fields.get("method").asInt(), order.method());
        assertEquals(fields.getString("provider", ""), order.provider());
        assertEquals(fields.get("total").asLong(), order.total());
        assertEquals(fields.getString("ip", ""), Vector.hex(order.ip()));
        assertArrayEquals(PythonCommands.numbers(fields.get("places")), order.places());
        for (JsonValue attempt : fields.get("returned_attempts").asArray()) {
            assertTrue(order.hasReturned(attempt.asLong()));
        }
        WireWriter out = new WireWriter(256);
        order.write(out);
        assertArrayEquals(bytes, out.done());
    }
}
