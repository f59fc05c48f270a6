package frontrow.member.rules;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class WireTest {
    @Property(tries = 200)
    void whatIsWrittenIsRead(@ForAll byte small, @ForAll short middle, @ForAll int number, @ForAll long large, @ForAll String text,
            @ForAll byte[] blob) {
        // A lone surrogate has no UTF-8.
        String plain = text.codePoints().filter(point -> point < 0xD800 || point > 0xDFFF)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append).toString();
        WireWriter out = new WireWriter(0).u8(small).u16(middle).i32(number).i64(large).text(plain).blob(blob).flag(true)
                .wide(new Wide(large, number));
        int part = out.beginPart();
        out.i64(1).u8(2);
        out.endPart(part);

        WireReader in = new WireReader(out.done());
        assertEquals(small & 0xFF, in.u8());
        assertEquals(middle & 0xFFFF, in.u16());
        assertEquals(number, in.i32());
        assertEquals(large, in.i64());
        assertEquals(plain, in.text());
        assertArrayEquals(blob, in.blob());
        assertTrue(in.flag());
        assertEquals(new Wide(large, number), in.wide());
        WireReader inner = in.part();
        assertEquals(1, inner.i64());
        assertEquals(2, inner.u8());
        inner.end();
        in.end();
    }

    @Test
    void numbersAreLittleEndian() {
        assertArrayEquals(new byte[] {1, 0, 2, 0, 0, 0}, new WireWriter(6).u16(1).i32(2).done());
    }

    @Test
    void readingBeyondTheEndOrLeavingARestIsMalformed() {
        assertThrows(MalformedException.class, () -> new WireReader(new byte[7]).i64());
        assertThrows(MalformedException.class, () -> new WireReader(new byte[1]).end());
        assertThrows(MalformedException.class, () -> new WireReader(new byte[] {-1, -1, -1, 127}).blob());
        assertThrows(MalformedException.class, () -> new WireReader(new byte[] {-1, -1, -1, -1}).count(1));
    }

    @Test
    void outcomesAreClosedAndInOrder() {
        Set<Integer> codes = new HashSet<>();
        int before = -1;
        for (Outcome outcome : Outcome.values()) {
            assertTrue(outcome.code() > before);
            before = outcome.code();
            codes.add(outcome.code());
        }
        assertEquals(Outcome.values().length, codes.size());
    }

    @Test
    void aChangeCutShortIsMalformed() {
        Change.Head head = new Change.Head(1, 2, 3, 4, new Wide(5, 6), 2);
        byte[] record = new Change.PaymentStarted(head, 7, 1, "sandbox", 8, 9).encode();
        for (int length = 0; length < record.length; length++) {
            byte[] cut = Arrays.copyOf(record, length);
            assertThrows(MalformedException.class, () -> Change.decode(cut, 1));
        }
    }

    @Test
    void aValueOfAnotherFormatIsNotGuessedAt() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        InventoryCodec.write(BoxOffice.of(new Hall().row(3)).owner, new DataOutputStream(bytes));
        byte[] value = bytes.toByteArray();
        assertEquals(3, InventoryCodec.read(new DataInputStream(new ByteArrayInputStream(value))).layout().seats());

        value[4]++;
        assertThrows(IOException.class, () -> InventoryCodec.read(new DataInputStream(new ByteArrayInputStream(value))));
        byte[] cut = Arrays.copyOf(value, value.length - 1);
        assertThrows(IOException.class, () -> InventoryCodec.read(new DataInputStream(new ByteArrayInputStream(cut))));
    }

    @Test
    void aLayoutWhoseRunsOverlapOrAreEmptyIsMalformed() {
        byte[] sound = new Hall().row(3).row(2).layout();
        int runs = 6 + 5 + 4; // after format, seats, categories, those of the seats, and how many runs there are
        for (int[] spoilt : new int[][] {{runs, 1}, {runs + 4, 4}, {runs + 4, 0}, {runs + 6, 2}}) {
            byte[] layout = sound.clone();
            layout[spoilt[0]] = (byte) spoilt[1];
            assertThrows(MalformedException.class, () -> Layout.read(new WireReader(layout)), Arrays.toString(spoilt));
        }
    }
}
