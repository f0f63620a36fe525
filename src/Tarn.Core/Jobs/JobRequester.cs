using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Tarn.Core.Identity;
using Tarn.Core.Records;

namespace Tarn.Core.Jobs;

/// <summary>Whose a job is: an organization, told from a later one of the same name or canonical user id.</summary>
/// <param name="OwnerId">Its canonical user id.</param>
/// <param name="Created">When it was created, Unix milliseconds.</param>
public readonly record struct JobOwner(string OwnerId, long Created)
{
    /// <summary>The owner that an organization is.</summary>
    public static JobOwner Of(Organization organization)
    {
        ArgumentNullException.ThrowIfNull(organization);
        return new JobOwner(organization.CanonicalId, organization.Created.ToUnixTimeMilliseconds());
    }

    /// <summary>The canonical user id, 0, and 8 bytes of time: a part of keys.</summary>
    internal byte[] ToArray()
    {
        byte[] bytes = [.. Encoding.UTF8.GetBytes(OwnerId), 0, .. new byte[sizeof(long)]];
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(bytes.Length - sizeof(long)), Created);
        return bytes;
    }
}

/// <summary>Who asked for a job: who it acts as, and with which credentials.</summary>
public sealed record JobRequester
{
    /// <summary>The name of the requester's organization.</summary>
    public required string Organization { get; init; }

    /// <summary>The requester's organization.</summary>
    public required JobOwner Owner { get; init; }

    /// <summary>ARN of the requester.</summary>
    public required string Arn { get; init; }

    /// <summary><see cref="Principal.UserId"/>: a user that is created again under the same name may have another.</summary>
    public required string UserId { get; init; }

    /// <summary>The id of the access key that signed the request, or of the token that it had.</summary>
    public required string CredentialId { get; init; }

    /// <summary>Whether <see cref="CredentialId"/> is a token's.</summary>
    public bool HoldsToken { get; init; }

    /// <summary>
    /// Tells the access key, with its secret and its limits, from a later one of the same id: encrypted, so that nobody can try secrets. Null for a token, whose id is
    /// that of its text.
    /// </summary>
    internal byte[]? CredentialMark { get; init; }

    /// <summary>Whether a principal is the requester, whatever credentials it has.</summary>
    public bool Is(Principal principal)
    {
        ArgumentNullException.ThrowIfNull(principal);
        return principal.OwnerId == Owner.OwnerId && principal.Arn == Arn && principal.UserId == UserId;
    }

    /// <summary>
    /// Whether the job is one of a principal's own: with credentials that are limited in any way, only what was asked for with them; otherwise whatever the same user asked for.
    /// </summary>
    public bool IsOwnOf(Principal principal)
    {
        ArgumentNullException.ThrowIfNull(principal);
        bool isLimited = principal.KeyPolicy is not null || principal.Session is not null || principal.Role is not null;
        return Is(principal) && (!isLimited || (!HoldsToken && CredentialId == principal.AccessKeyId));
    }

    /// <summary>The row of a job that the requester calls so.</summary>
    internal byte[] TokenKey(string token) =>
        Tables.JobByTokenKey(Owner.ToArray(), SHA256.HashData(Encoding.UTF8.GetBytes($"{Arn}\0{UserId}\0{CredentialId}\0{token}")));

    internal void Encode(RecordWriter writer)
    {
        writer.Text(1, Organization).Text(2, Owner.OwnerId).Number(3, Owner.Created).Text(4, Arn).Text(5, UserId).Text(6, CredentialId).Number(7, HoldsToken ? 1UL : 0);
        if (CredentialMark is { } mark)
        {
            writer.Bytes(8, mark);
        }
    }

    internal static JobRequester Decode(RecordReader reader)
    {
        var requester = new JobRequester { Organization = "", Owner = new JobOwner("", 0), Arn = "", UserId = "", CredentialId = "" };
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: requester = requester with { Organization = reader.Text }; break;
                case 2: requester = requester with { Owner = requester.Owner with { OwnerId = reader.Text } }; break;
                case 3: requester = requester with { Owner = requester.Owner with { Created = reader.Signed } }; break;
                case 4: requester = requester with { Arn = reader.Text }; break;
                case 5: requester = requester with { UserId = reader.Text }; break;
                case 6: requester = requester with { CredentialId = reader.Text }; break;
                case 7: requester = requester with { HoldsToken = reader.Number != 0 }; break;
                case 8: requester = requester with { CredentialMark = reader.Bytes.ToArray() }; break;
            }
        }

        return requester;
    }
}
