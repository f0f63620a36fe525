using Tarn.Core.Access;
using Tarn.Core.Errors;
using Tarn.Core.Model;
using Tarn.Core.Objects;

namespace Tarn.Tests.Access;

public sealed class AccessControlListTests
{
    [Theory]
    [InlineData("private", "o:15")]
    [InlineData("public-read", "o:15 AllUsers:1")]
    [InlineData("public-read-write", "o:15 AllUsers:1 AllUsers:2")]
    [InlineData("authenticated-read", "o:15 AuthenticatedUsers:1")]
    [InlineData("bucket-owner-read", "o:15 bo:1")]
    [InlineData("bucket-owner-full-control", "o:15 bo:15")]
    [InlineData("aws-exec-read", "o:15")]
    [InlineData("log-delivery-write", null)]
    [InlineData("Private", null)]
    public void Canned_lists_of_objects(string name, string? grants) => Assert.Equal(grants, Show(CannedAcl.Expand(name, "o", "bo")));

    [Theory]
    [InlineData("bucket-owner-read", "o:15")]
    [InlineData("log-delivery-write", "o:15 LogDelivery:2 LogDelivery:4")]
    public void Canned_lists_of_buckets(string name, string grants) => Assert.Equal(grants, Show(CannedAcl.Expand(name, "o", null)));

    [Fact]
    public void The_bucket_owner_is_not_granted_what_it_owns() => Assert.True(CannedAcl.Expand("bucket-owner-full-control", "o", "o")!.IsPrivate("o"));

    [Theory]
    [InlineData("x", true, false, AclPermission.Read | AclPermission.WriteAcp)]
    [InlineData("x", true, true, AclPermission.WriteAcp)]
    [InlineData("y", true, false, AclPermission.Read)]
    [InlineData(null, true, false, AclPermission.Read)]
    [InlineData(null, false, false, AclPermission.None)]
    public void Grants_add_up(string? id, bool authenticated, bool ignorePublic, AclPermission expected)
    {
        AccessControlList list = AccessControlList.Create(
            [new(Grantee.Canonical("x"), AclPermission.WriteAcp), new(Grantee.AuthenticatedUsers, AclPermission.Read), new(Grantee.LogDelivery, AclPermission.Write)]);
        AclPermission[] single = [AclPermission.Read, AclPermission.Write, AclPermission.ReadAcp, AclPermission.WriteAcp];
        Assert.Equal(expected, single
            .Where(permission => list.FindGrant(permission, id, authenticated, ignorePublic) is not null)
            .Aggregate(AclPermission.None, (all, permission) => all | permission));
    }

    [Fact]
    public void A_hundred_grants_are_accepted_and_one_more_is_not()
    {
        static IEnumerable<Grant> Many(int count) => Enumerable.Range(0, count).Select(i => new Grant(Grantee.Canonical($"{i}"), AclPermission.Read));
        Assert.Equal(100, AccessControlList.Create(Many(100)).Grants.Count);
        Assert.Equal(S3Error.InvalidRequest, Assert.Throws<S3Exception>(() => AccessControlList.Create(Many(101))).Error);
    }

    [Fact]
    public void An_empty_list_of_an_object_is_not_taken_for_none()
    {
        Assert.Empty(RoundTrip(AccessControlList.Create([]))!.Grants);
        Assert.Null(RoundTrip(null));
        AccessControlList full = CannedAcl.Expand("public-read", "o", "bo")!;
        Assert.Equal(full.Grants, RoundTrip(full)!.Grants);
    }

    private static AccessControlList? RoundTrip(AccessControlList? acl)
    {
        byte[] bytes = new ObjectRecord
        {
            Size = 0, LastModified = 0, ETag = default, OwnerId = "o", Metadata = ObjectMetadata.Empty with { Acl = acl },
        }.Encode();
        return ObjectRecord.Decode(bytes).Metadata.Acl;
    }

    private static string? Show(AccessControlList? list) => list is null ? null
        : string.Join(' ', list.Grants.Select(grant => $"{(grant.Grantee.Id.Length > 0 ? grant.Grantee.Id : grant.Grantee.Kind)}:{(int)grant.Permission}"));
}
