namespace Tarn.S3.Routing;

/// <summary>The kind of resource a request points at.</summary>
internal enum S3Target
{
    Service,
    Bucket,
    Object,
}
