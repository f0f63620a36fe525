using System.Text.Json;
using System.Text.Unicode;

namespace Tarn.Server.Control;

/// <summary>
/// Refuses bodies that are well-formed JSON but contain what no endpoint accepts: an unpaired surrogate, which is not text, and null in a
/// list, which the types of bodies cannot forbid. Called before a body is deserialized.
/// </summary>
internal static class JsonTexts
{
    /// <exception cref="ControlRefusalException">It contains one of these, or is not UTF-8.</exception>
    /// <exception cref="JsonException">It is not JSON.</exception>
    public static void ThrowIfInvalid(ReadOnlySpan<byte> body)
    {
        if (!Utf8.IsValid(body))
        {
            throw ControlRefusalException.BadRequest("the body is not UTF-8");
        }

        var reader = new Utf8JsonReader(body);
        var lists = new Stack<bool>();
        while (reader.Read())
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.StartArray or JsonTokenType.StartObject:
                    lists.Push(reader.TokenType == JsonTokenType.StartArray);
                    break;
                case JsonTokenType.EndArray or JsonTokenType.EndObject:
                    lists.Pop();
                    break;
                case JsonTokenType.Null when lists.TryPeek(out bool isList) && isList:
                    throw ControlRefusalException.BadRequest("a list must not contain null");
                case JsonTokenType.String or JsonTokenType.PropertyName when reader.ValueIsEscaped && !IsText(ref reader):
                    throw ControlRefusalException.BadRequest("a text contains half of a surrogate pair");
            }
        }
    }

    private static bool IsText(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString() is not null;
        }
        catch (InvalidOperationException)
        {
            // The reader reports an invalid escape in this way.
            return false;
        }
    }
}
