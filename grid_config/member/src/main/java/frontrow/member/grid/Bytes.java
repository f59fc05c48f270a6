package frontrow.member.grid;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The wire's primitives for the small messages of this package: little-endian, {@code bytes} with a u32 length,
 * {@code str} with a u16 length and UTF-8. A writer grows; a reader is a {@link ByteBuffer}, whose underflow says that
 * a message is cut short.
 */
final class Bytes {
    private ByteBuffer buffer;

    private Bytes(int size) {
        buffer = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    }

    static Bytes sized(int size) {
        return new Bytes(size);
    }

    static ByteBuffer reader(byte[] message) {
        return ByteBuffer.wrap(message).order(ByteOrder.LITTLE_ENDIAN);
    }

    static byte[] blob(ByteBuffer message) {
        int length = message.getInt();
        if (length < 0 || length > message.remaining()) {
            throw new java.nio.BufferUnderflowException();
        }
        byte[] blob = new byte[length];
        message.get(blob);
        return blob;
    }

    Bytes u8(int number) {
        room(1).put((byte) number);
        return this;
    }

    Bytes u16(int number) {
        room(2).putShort((short) number);
        return this;
    }

    Bytes u32(int number) {
        room(4).putInt(number);
        return this;
    }

    Bytes i64(long number) {
        room(8).putLong(number);
        return this;
    }

    Bytes str(String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        u16(utf8.length);
        return raw(utf8);
    }

    Bytes blob(byte[] blob) {
        u32(blob.length);
        return raw(blob);
    }

    Bytes raw(byte[] part) {
        room(part.length).put(part);
        return this;
    }

    byte[] done() {
        return buffer.position() == buffer.capacity() ? buffer.array() : Arrays.copyOf(buffer.array(), buffer.position());
    }

    private ByteBuffer room(int size) {
        if (buffer.remaining() < size) {
            int wanted = Math.max(buffer.position() + size, 2 * buffer.capacity());
            buffer = ByteBuffer.wrap(Arrays.copyOf(buffer.array(), wanted)).order(ByteOrder.LITTLE_ENDIAN)
                    .position(buffer.position());
        }
        return buffer;
    }
}
