using Tarn.Core.Errors;

namespace Tarn.S3.Documents;

/// <summary>One kind of request document.</summary>
/// <param name="Root">Its root element.</param>
/// <param name="Limit">The maximum size, in bytes.</param>
internal sealed record DocumentShape(ElementShape Root, int Limit)
{
    /// <summary>The refusal of a document that does not have this shape.</summary>
    public S3Error Malformed { get; init; } = S3Error.MalformedXml;
}
