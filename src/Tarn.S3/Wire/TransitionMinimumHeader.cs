using Microsoft.AspNetCore.Http;
using Tarn.Core.Errors;
using Tarn.Core.Lifecycle;

namespace Tarn.S3.Wire;

/// <summary>The header for the default minimum object size of transitions. Source: Amazon S3 API Reference, PutBucketLifecycleConfiguration.</summary>
internal static class TransitionMinimumHeader
{
    public const string Name = "x-amz-transition-default-minimum-object-size";

    private const string All = "all_storage_classes_128K";
    private const string Varies = "varies_by_storage_class";

    /// <exception cref="S3Exception">InvalidArgument.</exception>
    public static TransitionMinimum Read(IHeaderDictionary headers) => headers[Name].ToString() switch
    {
        "" or All => TransitionMinimum.AllStorageClasses128K,
        Varies => TransitionMinimum.VariesByStorageClass,
        string other => throw Arguments.Invalid($"The value of {Name} must be {All} or {Varies}.", Name, other),
    };

    public static void Write(IHeaderDictionary headers, TransitionMinimum minimum) =>
        headers[Name] = minimum == TransitionMinimum.VariesByStorageClass ? Varies : All;
}
