namespace Tarn.S3.Telemetry;

/// <summary>A feature of requests that waited until the server had room for them.</summary>
/// <param name="Time">For how long.</param>
public sealed record AdmissionWait(TimeSpan Time);
