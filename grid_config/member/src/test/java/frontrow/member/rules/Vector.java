package frontrow.member.rules;

import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;

/** One message with its fields, as tests/contract/vectors keeps them (README.md there). */
record Vector(String name, byte[] bytes, Map<String, Object> fields) {
    /** Fields as name, value, name, value ... */
    static Vector of(String name, byte[] bytes, Object... fields) {
        return new Vector(name, bytes, object(fields));
    }

    static Map<String, Object> object(Object... fields) {
        Map<String, Object> object = new LinkedHashMap<>();
        for (int index = 0; index < fields.length; index += 2) {
            object.put((String) fields[index], fields[index + 1]);
        }
        return object;
    }

    static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    static String hex(Wide wide) {
        return hex(new WireWriter(16).wide(wide).done());
    }

    /** The file's text: a vector a line, so that a change shows as one line. */
    static String file(List<Vector> vectors) {
        StringJoiner lines = new StringJoiner(",\n", "[\n", "\n]\n");
        vectors.forEach(vector -> lines.add(json(object("name", vector.name, "hex", hex(vector.bytes), "fields", vector.fields))));
        return lines.toString();
    }

    private static String json(Object value) {
        if (value instanceof Map<?, ?> object) {
            StringJoiner members = new StringJoiner(", ", "{", "}");
            object.forEach((name, member) -> members.add(json(name) + ": " + json(member)));
            return members.toString();
        }
        if (value instanceof List<?> list) {
            StringJoiner items = new StringJoiner(", ", "[", "]");
            list.forEach(item -> items.add(json(item)));
            return items.toString();
        }
        return value instanceof String text ? '"' + text + '"' : String.valueOf(value);
    }
}
