using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Tarn.Core.Identity;

namespace Tarn.Server.Identity;

/// <summary>Encrypts secrets with ASP.NET Core Data Protection, with a key ring that all nodes share.</summary>
internal sealed class DataProtectionSecrets : ISecretProtector, IDisposable
{
    private readonly ServiceProvider _services;
    private readonly IDataProtectionProvider _provider;

    private DataProtectionSecrets(ServiceProvider services)
    {
        _services = services;
        _provider = services.GetRequiredService<IDataProtectionProvider>();
    }

    /// <summary>Reads the key ring, and creates its first key if it is empty.</summary>
    /// <exception cref="SecretUnreadableException">The key ring is damaged.</exception>
    public static DataProtectionSecrets Open(KeyRingRows rows)
    {
        var services = new ServiceCollection();
        services.AddDataProtection().SetApplicationName("tarn");
        services.Configure<KeyManagementOptions>(options => options.XmlRepository = new KeyRingRepository(rows));
        var secrets = new DataProtectionSecrets(services.BuildServiceProvider());
        try
        {
            // Now, so that a damaged ring fails the start and not the first request.
            secrets.Unprotect("start", secrets.Protect("start", "start"));
            return secrets;
        }
        catch
        {
            secrets.Dispose();
            throw;
        }
    }

    public byte[] Protect(string subject, string secret) => Protector(subject).Protect(Encoding.UTF8.GetBytes(secret));

    public string Unprotect(string subject, byte[] protectedSecret)
    {
        try
        {
            return Encoding.UTF8.GetString(Protector(subject).Unprotect(protectedSecret));
        }
        catch (CryptographicException e)
        {
            throw new SecretUnreadableException("A stored secret does not decrypt.", e);
        }
    }

    public void Dispose() => _services.Dispose();

    private IDataProtector Protector(string subject) => _provider.CreateProtector("Tarn.Secrets.1", subject);
}
