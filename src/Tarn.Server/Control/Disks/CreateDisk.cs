using Tarn.Core.Disks;

namespace Tarn.Server.Control.Disks;

/// <summary>
/// <c>POST /api/disks</c>: makes a disk with a directory of its own, or attaches one that exists. Asked for again, the disk that there
/// is already is the answer; under the same name with something else, a conflict.
/// </summary>
internal static class CreateDisk
{
    private const int MaxName = 128;

    public static void AddTo(ControlApi api, DiskServices services) =>
        api.Add("POST", "/api/disks", async request =>
        {
            DiskBody body = request.Read(ControlJson.Default.DiskBody);
            string organization = request.OrganizationOrOwn(body.Organization);
            await services.Identity.Organizations.GetAsync(organization, request.CancellationToken);
            CheckName(body.Name);
            if (body.AuthMethods is { Count: > 0 })
            {
                throw ControlRefusalException.NotBuilt("authMethods are not built; add users of type 's3' once the disk is made");
            }

            string? path = DiskMounts.Path(body.Mounts);
            AddressList allowed = DiskAddresses.Read(body.AllowedIps);
            bool growing = body.GrowingFiles ?? false;
            DiskCatalog catalog = services.Disks.Catalog;
            Disk? made = path is null
                ? await catalog.CreateAsync(organization, body.Name, allowed, growing, request.CancellationToken)
                : await catalog.AttachAsync(organization, body.Name, path, allowed, growing, request.CancellationToken);
            if (made is not null)
            {
                return ControlAnswer.Created(new NewDiskView(made.Id.Value, []), ControlJson.Default.NewDiskView);
            }

            Disk? there = await catalog.FindByNameAsync(organization, body.Name, request.CancellationToken);
            bool isSame = there is not null
                && there.IsAttached == path is not null
                && (path is null || there.RootPath == catalog.ResolveAttachable(organization, path))
                && there.GrowingFiles == growing
                && there.AllowedAddresses.Networks.SequenceEqual(allowed.Networks);
            return isSame
                ? ControlAnswer.Of(new NewDiskView(there!.Id.Value, []), ControlJson.Default.NewDiskView)
                : throw new ControlRefusalException(StatusCodes.Status409Conflict, $"there is another disk of the name '{body.Name}'");
        });

    private static void CheckName(string name)
    {
        if (name.Length is 0 or > MaxName || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'))
        {
            throw ControlRefusalException.BadRequest($"the name of a disk must be 1 to {MaxName} letters, digits, '-' and '_'");
        }

        // Clients take a name like this for an id.
        if ((name.StartsWith("dsk-", StringComparison.Ordinal) || name.StartsWith("fs-", StringComparison.Ordinal))
            && name[(name.IndexOf('-', StringComparison.Ordinal) + 1)..].All(char.IsAsciiHexDigit))
        {
            throw ControlRefusalException.BadRequest("the name of a disk must not look like the id of one");
        }
    }
}
