using System.Text.Json;
using System.Text.Json.Serialization;
using Tarn.Core.Blobs;

namespace Tarn.Core.Acceleration;

/// <summary>
/// The JSON of what accelerators and the server say to each other. A generated reader sets an optional member that a document does not have to null, whatever its
/// initializer says: those that are not nullable replace it.
/// </summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, AllowDuplicateProperties = false, MaxDepth = 8, RespectNullableAnnotations = true,
    Converters = [typeof(BlobIdJson)])]
[JsonSerializable(typeof(ReadPlan))]
[JsonSerializable(typeof(PlanVersion))]
[JsonSerializable(typeof(AcceleratorRegistration))]
[JsonSerializable(typeof(RegistrationAnswer))]
internal sealed partial class AccelerationJson : JsonSerializerContext;

/// <summary>What a plan of any version has.</summary>
internal sealed record PlanVersion
{
    [JsonPropertyName("v")]
    public required int Version { get; init; }
}

/// <summary>The id of a blob as its 32 lower-case hexadecimal digits.</summary>
internal sealed class BlobIdJson : JsonConverter<BlobId>
{
    public override BlobId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String && reader.GetString() is { } text && BlobId.TryParse(text, out BlobId id) && id.ToString() == text
            ? id
            : throw new JsonException("A blob's id is not 32 lower-case hexadecimal digits.");

    public override void Write(Utf8JsonWriter writer, BlobId value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
}
