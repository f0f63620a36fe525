namespace Tarn.Core.Acceleration;

/// <summary>The names of the headers between an accelerator and the server, and between an accelerator and its clients. docs/design/accelerator.md</summary>
public static class AcceleratorHeaders
{
    /// <summary>Which accelerator speaks: <see cref="AcceleratorEnvelope"/>. The first line of every request.</summary>
    public const string Accelerator = "x-tarn-accelerator";

    /// <summary>For whom it speaks, and what it asks for: <see cref="AcceleratorCall"/>. The second line of every request.</summary>
    public const string Call = "x-tarn-call";

    /// <summary>In an answer: what became of the envelope, if it was not accepted.</summary>
    public const string Envelope = "x-tarn-envelope";

    /// <summary>The only value of <see cref="Envelope"/>: there is none, it is not genuine, or it may not speak for this client.</summary>
    public const string EnvelopeRefused = "refused";

    /// <summary>In an answer to <see cref="AcceleratorCallKind.Resolve"/>: the body is a <see cref="ReadPlan"/> of this version.</summary>
    public const string Plan = "x-tarn-plan";

    /// <summary>In the same answer: the length in bytes of the body in whose place the plan is.</summary>
    public const string Length = "x-tarn-length";

    /// <summary>In the answer to a HEAD: what <c>/v1/continue</c> takes to plan the object from its first byte on.</summary>
    public const string Continuation = "x-tarn-continuation";

    /// <summary>In a request for blocks: the <see cref="BlobCapability"/>.</summary>
    public const string Capability = "x-tarn-capability";

    /// <summary>In an accelerator's answer to its client: <c>hit</c>, <c>partial</c>, <c>miss</c> or <c>bypass</c>.</summary>
    public const string Cache = "x-tarn-cache";

    /// <summary>In the same, to a HEAD that stages an object: <c>refused</c> when the queue is full.</summary>
    public const string Prestage = "x-tarn-prestage";
}
