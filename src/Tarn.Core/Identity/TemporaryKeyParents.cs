using Tarn.Core.KeyValue;
using Tarn.Core.Records;

namespace Tarn.Core.Identity;

/// <summary>
/// What temporary keys are issued for: the rows that a commit checks, so that none is issued for what ended after the request was authenticated.
/// </summary>
internal sealed class TemporaryKeyParents(IdentityContext context)
{
    /// <summary>Starts a commit that fails when what the key is for has changed until then.</summary>
    /// <exception cref="IdentityRefusalException">NotFound: it has ended, or another has its name. Conflict: what authenticated the request has ended.</exception>
    public async ValueTask<KeyValueBatch> BeginAsync(TemporaryKeyRequest request, CancellationToken cancellationToken)
    {
        var batch = new KeyValueBatch();
        foreach ((byte[] row, Func<byte[], bool> isSame) in Of(request))
        {
            byte[] bytes = await context.Store.GetAsync(row, cancellationToken) is { } found && isSame(found)
                ? found
                : throw IdentityRefusalException.NotFound("what the credentials are for has ended");
            batch.Check(row, bytes);
        }

        await context.CheckAsync(batch, request.By, cancellationToken);
        return batch;
    }

    private IEnumerable<(byte[] Row, Func<byte[], bool> IsSame)> Of(TemporaryKeyRequest request)
    {
        switch (request.Source)
        {
            case TemporaryKeySource.AccessKey:
                // The server's root key has no row, and ends with the process.
                Credential parent = request.ParentKey ?? throw new ArgumentException("The credential of the key is missing.", nameof(request));
                if (parent.Created != default)
                {
                    byte[] row = Tables.AccessKeyKey(parent.AccessKeyId);
                    yield return (row, bytes => RequestCredential.Is(parent, Rows.Decode(row, bytes, AccessKey.Decode), context));
                }

                break;
            case TemporaryKeySource.ApiToken:
                // Its id is the hash of its secret, so that no other has it.
                yield return (Tables.ApiTokenKey(Convert.FromHexString(request.Parent)), static _ => true);
                break;
            default:
                OidcIssuer issuer = request.Issuer ?? throw new ArgumentException("The issuer is missing.", nameof(request));
                byte[] trusted = Tables.IssuerKey(request.Organization, issuer.Name);
                yield return (trusted, bytes => Rows.Decode(trusted, bytes, OidcIssuer.Decode).Id == issuer.Id);
                if (request.Source == TemporaryKeySource.Role)
                {
                    byte[] role = Tables.RoleKey(request.Organization, request.Parent);
                    yield return (role, bytes => Rows.Decode(role, bytes, IdentityRole.Decode).Id == request.ParentId);
                }

                break;
        }
    }
}
