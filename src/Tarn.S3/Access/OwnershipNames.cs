using Tarn.Core.Model;

namespace Tarn.S3.Access;

/// <summary>How requests and answers name object ownership. Source: Amazon S3 API Reference, data type OwnershipControlsRule.</summary>
internal static class OwnershipNames
{
    /// <summary>The header by which CreateBucket chooses.</summary>
    public const string Header = "x-amz-object-ownership";

    public static string Of(ObjectOwnership ownership) => ownership switch
    {
        ObjectOwnership.BucketOwnerPreferred => "BucketOwnerPreferred",
        ObjectOwnership.ObjectWriter => "ObjectWriter",
        _ => "BucketOwnerEnforced",
    };

    /// <summary>Null for a name that there is not.</summary>
    public static ObjectOwnership? Parse(string? name) => name switch
    {
        "BucketOwnerEnforced" => ObjectOwnership.BucketOwnerEnforced,
        "BucketOwnerPreferred" => ObjectOwnership.BucketOwnerPreferred,
        "ObjectWriter" => ObjectOwnership.ObjectWriter,
        _ => null,
    };
}
