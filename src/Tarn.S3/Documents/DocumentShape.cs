using Tarn.Core.Errors;

namespace Tarn.S3.Documents;

/// <summary>One kind of request document.</summary>
/// <param name="Root">Its root element.</param>
/// <param name="Limit">Bytes that it may have.</param>
internal sealed record DocumentShape(ElementShape Root, int Limit)
{
    /// <summary>The refusal of what is no such document.</summary>
    public S3Error Malformed { get; init; } = S3Error.MalformedXml;
}
