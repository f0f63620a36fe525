using Tarn.Core.Model;

namespace Tarn.S3.Access;

/// <summary>The names of object ownership in requests and answers. Source: Amazon S3 API Reference, data type OwnershipControlsRule.</summary>
internal static class OwnershipNames
{
    /// <summary>The header of CreateBucket.</summary>
    public const string Header = "x-amz-object-ownership";

    public static string Of(ObjectOwnership ownership) => ownership switch
    {
        ObjectOwnership.BucketOwnerPreferred => "BucketOwnerPreferred",
        ObjectOwnership.ObjectWriter => "ObjectWriter",
        _ => "BucketOwnerEnforced",
    };

    /// <summary>Parses a name; null for an unknown one.</summary>
    public static ObjectOwnership? Parse(string? name) => name switch
    {
        "BucketOwnerEnforced" => ObjectOwnership.BucketOwnerEnforced,
        "BucketOwnerPreferred" => ObjectOwnership.BucketOwnerPreferred,
        "ObjectWriter" => ObjectOwnership.ObjectWriter,
        _ => null,
    };
}
