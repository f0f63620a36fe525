using Tarn.Core.Telemetry;

namespace Tarn.S3.Telemetry;

/// <summary>The names of a request's stages in spans, logs and answers.</summary>
public static class StageNames
{
    /// <summary>The name: one lower-case word.</summary>
    public static string Of(RequestStage stage) => stage switch
    {
        RequestStage.Authentication => "authentication",
        RequestStage.Authorization => "authorization",
        RequestStage.Metadata => "metadata",
        RequestStage.Blob => "blob",
        RequestStage.Receive => "receive",
        RequestStage.Wait => "wait",
        _ => "send",
    };
}
