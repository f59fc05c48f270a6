package frontrow.member.rules;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.hazelcast.internal.json.JsonArray;
import com.hazelcast.internal.json.JsonObject;
import com.hazelcast.internal.json.JsonValue;
import java.util.HexFormat;

/** Compares a command that Python framed with the fields that Python meant. */
final class PythonCommands {
    private PythonCommands() {
    }

    static void check(byte[] framed, JsonObject fields) {
        WireReader in = new WireReader(framed);
        int kind = in.u8();
        assertEquals(fields.get("kind").asInt(), kind);
        Command command = Command.read(kind, in.part());
        in.end();
        if (command instanceof Command.Hold hold) {
            checkHold(hold, fields);
        } else if (command instanceof Command.Release release) {
            checkClaim(release.order(), release.account(), release.ip(), fields);
        } else if (command instanceof Command.StartPayment start) {
            checkClaim(start.order(), start.account(), start.ip(), fields);
            assertEquals(number("attempt", fields), start.attempt());
            assertEquals(number("method", fields), start.method());
            assertEquals(fields.getString("provider", ""), start.provider());
        } else if (command instanceof Command.Settle settle) {
            checkSettle(settle, fields);
        } else {
            checkOther(command, fields);
        }
    }

    private static void checkHold(Command.Hold hold, JsonObject fields) {
        checkClaim(hold.order(), hold.account(), hold.ip(), fields);
        assertEquals(fields.getString("command_id", ""), Vector.hex(hold.commandId()));
        assertEquals(number("fingerprint", fields), hold.fingerprint());
        if (hold.wish() instanceof Command.Seats seats) {
            assertArrayEquals(numbers(fields.get("places")), seats.places());
        } else if (hold.wish() instanceof Command.Best best) {
            assertEquals(number("category", fields), best.category());
            assertEquals(number("quantity", fields), best.quantity());
        } else {
            Command.InAreas wish = (Command.InAreas) hold.wish();
            JsonArray areas = fields.get("areas").asArray();
            assertEquals(areas.size(), wish.areas().length);
            for (int index = 0; index < areas.size(); index++) {
                assertArrayEquals(numbers(areas.get(index)), new int[] {wish.areas()[index], wish.quantities()[index]});
            }
        }
    }

    private static void checkSettle(Command.Settle settle, JsonObject fields) {
        assertEquals(number("order", fields), settle.order());
        assertEquals(number("attempt", fields), settle.money().attempt());
        assertEquals(number("result", fields), settle.money().result().code());
        assertEquals(number("amount", fields), settle.money().amount());
        assertEquals(fields.getString("provider", ""), settle.money().provider());
        assertEquals(number("method", fields), settle.money().method());
        assertEquals(fields.getString("ip", ""), Vector.hex(settle.ip()));
    }

    private static void checkOther(Command command, JsonObject fields) {
        if (command instanceof Command.ReadSeats read) {
            assertEquals(number("incarnation", fields), read.incarnation());
            assertEquals(number("version", fields), read.version());
        } else if (command instanceof Command.ReadOrder read) {
            assertEquals(number("order", fields), read.order());
            assertEquals(number("account", fields), read.account());
        } else if (command instanceof Command.Drain drain) {
            assertEquals(number("incarnation", fields), drain.incarnation());
            assertEquals(number("seq", fields), drain.seq());
            assertEquals(number("change_id", fields), drain.changeId());
            assertEquals(number("max", fields), drain.most());
        } else if (command instanceof Command.Acknowledge acknowledge) {
            checkAcknowledgement(acknowledge.acknowledgement(), fields);
        } else if (command instanceof Command.Restore restore) {
            checkRestore(restore, fields);
        } else if (command instanceof Command.Open open) {
            assertEquals(number("incarnation", fields), open.incarnation());
        } else if (command instanceof Command.Drop drop) {
            assertEquals(number("incarnation", fields), drop.incarnation());
        } else if (command instanceof Command.Leave leave) {
            assertEquals(number("incarnation", fields), leave.incarnation());
            assertEquals(number("seq", fields), leave.seq());
            assertEquals(number("change_id", fields), leave.changeId());
        } else if (command instanceof Command.Due due) {
            assertEquals(number("max", fields), due.most());
        } else if (command instanceof Command.ChangeTerms change) {
            VectorsTest.checkTerms(change.body(), fields.get("terms").asObject());
        } else {
            assertTrue(command instanceof Command.Expire || command instanceof Command.Status || command instanceof Command.Whole);
        }
    }

    private static void checkAcknowledgement(Acknowledgement acknowledgement, JsonObject fields) {
        assertEquals(number("incarnation", fields), acknowledgement.incarnation());
        assertEquals(number("seq", fields), acknowledgement.seq());
        JsonArray verdicts = fields.get("verdicts").asArray();
        assertEquals(verdicts.size(), acknowledgement.verdicts().size());
        for (int index = 0; index < verdicts.size(); index++) {
            JsonArray meant = verdicts.get(index).asArray();
            Acknowledgement.Verdict verdict = acknowledgement.verdicts().get(index);
            assertEquals(meant.get(0).asLong(), verdict.order());
            assertEquals(meant.get(1).asInt(), verdict.kind());
            assertArrayEquals(numbers(meant.get(2)), verdict.places());
        }
    }

    private static void checkRestore(Command.Restore restore, JsonObject fields) {
        Inventory inventory = Restoration.build(restore.body(), BoxOffice.START);
        assertEquals(number("incarnation", fields), inventory.incarnation());
        assertEquals(number("seq", fields), inventory.seq());
        assertEquals(number("change_id", fields), inventory.outbox().idAt(inventory.seq()));
        assertEquals(fields.getString("layout", ""), Vector.hex(inventory.layout().encode()));
        for (JsonValue encoded : fields.get("orders").asArray()) {
            Order meant = Order.read(new WireReader(HexFormat.of().parseHex(encoded.asString())));
            assertTrue(inventory.orders().knows(meant.number()));
        }
        for (JsonValue encoded : fields.get("sold").asArray()) {
            Sold meant = Sold.read(new WireReader(HexFormat.of().parseHex(encoded.asString())));
            Sold kept = inventory.orders().findSold(meant.number());
            assertArrayEquals(meant.places(), kept.places());
            assertEquals(meant.attempt(), kept.attempt());
        }
    }

    private static void checkClaim(long order, long account, Wide ip, JsonObject fields) {
        assertEquals(number("order", fields), order);
        assertEquals(number("account", fields), account);
        assertEquals(fields.getString("ip", ""), Vector.hex(ip));
    }

    private static long number(String name, JsonObject fields) {
        return fields.get(name).asLong();
    }

    static int[] numbers(JsonValue list) {
        int[] numbers = new int[list.asArray().size()];
        for (int index = 0; index < numbers.length; index++) {
            numbers[index] = list.asArray().get(index).asInt();
        }
        return numbers;
    }
}
