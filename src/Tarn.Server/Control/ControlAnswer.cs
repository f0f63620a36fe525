using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Tarn.Server.Control;

/// <summary>What an endpoint of the control API answers: <c>{"success":true,"data":…}</c>, or the data alone.</summary>
internal sealed class ControlAnswer
{
    private readonly Action<Utf8JsonWriter>? _data;
    private readonly bool _isBare;

    private ControlAnswer(int status, Action<Utf8JsonWriter>? data, bool isBare)
    {
        Status = status;
        _data = data;
        _isBare = isBare;
    }

    /// <summary><c>{"success":true}</c>.</summary>
    public static ControlAnswer Done { get; } = new(StatusCodes.Status200OK, null, isBare: false);

    public int Status { get; }

    /// <summary>Data in the envelope.</summary>
    public static ControlAnswer Of<T>(T data, JsonTypeInfo<T> type, int status = StatusCodes.Status200OK) =>
        new(status, writer => JsonSerializer.Serialize(writer, data, type), isBare: false);

    /// <summary>Data in the envelope, of something that this request made.</summary>
    public static ControlAnswer Created<T>(T data, JsonTypeInfo<T> type) => Of(data, type, StatusCodes.Status201Created);

    /// <summary>Data without the envelope, for APIs that have none.</summary>
    public static ControlAnswer Bare<T>(T data, JsonTypeInfo<T> type, int status = StatusCodes.Status200OK) =>
        new(status, writer => JsonSerializer.Serialize(writer, data, type), isBare: true);

    public void Write(Utf8JsonWriter writer)
    {
        if (_isBare)
        {
            _data!(writer);
            return;
        }

        writer.WriteStartObject();
        writer.WriteBoolean("success"u8, true);
        if (_data is not null)
        {
            writer.WritePropertyName("data"u8);
            _data(writer);
        }

        writer.WriteEndObject();
    }
}
