using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Tarn.Server.Control;

/// <summary>Finds the source-generated description of a type.</summary>
internal static class JsonTypes
{
    /// <exception cref="InvalidOperationException">The context does not list the type.</exception>
    public static JsonTypeInfo<T> TypeOf<T>(this JsonSerializerContext context) =>
        context.GetTypeInfo(typeof(T)) as JsonTypeInfo<T>
        ?? throw new InvalidOperationException($"{context.GetType().Name} does not list {typeof(T)}");
}
