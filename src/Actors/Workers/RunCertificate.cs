using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Akka.Remote.Transport.DotNetty;

namespace CurvatureActors.Actors.Workers;

/// <summary>
/// The secret that the processes of one program share: a certificate made when it starts, handed to each worker over its
/// standard input and never written to disk. Both ends of every connection must show this very certificate, so no other
/// process of the machine can join, listen or speak.
/// </summary>
public static class RunCertificate
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(3650);

    /// <summary>A new certificate with its private key, PKCS#12.</summary>
    public static byte[] Create()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=curvature", key, HashAlgorithmName.SHA256);
        DateTimeOffset now = DateTimeOffset.UtcNow;
        using X509Certificate2 certificate = request.CreateSelfSigned(now.AddDays(-1), now + Lifetime);
        return certificate.Export(X509ContentType.Pkcs12);
    }

    /// <summary>Akka.Remote's transport with mutual TLS, in which only this certificate counts.</summary>
    internal static DotNettySslSetup Setup(byte[] certificate)
    {
        // On Windows a key that is not stored cannot serve a TLS connection.
        X509KeyStorageFlags storage = OperatingSystem.IsWindows()
            ? X509KeyStorageFlags.DefaultKeySet
            : X509KeyStorageFlags.EphemeralKeySet;
        X509Certificate2 loaded = X509CertificateLoader.LoadPkcs12(certificate, null, storage);
        return new DotNettySslSetup(
            loaded,
            suppressValidation: false,
            requireMutualAuthentication: true,
            customValidator: CertificateValidation.PinnedCertificate(loaded.Thumbprint));
    }
}
