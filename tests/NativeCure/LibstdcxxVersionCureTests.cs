using System.Diagnostics;
using System.Text;

namespace CurvatureActors.NativeCure.Tests;

public sealed class LibstdcxxVersionCureTests
{
    [Fact]
    public void Elf_hash_agrees_with_the_values_that_binutils_writes()
    {
        // readelf -V prints these for libstdc++.so.6: GLIBCXX_3.4 and GLIBC_2.2.5.
        Assert.Equal(0x08922974u, LibstdcxxVersionCure.ElfHash("GLIBCXX_3.4"));
        Assert.Equal(0x09691a75u, LibstdcxxVersionCure.ElfHash("GLIBC_2.2.5"));
    }

    [Fact]
    public void Cures_once_and_then_finds_nothing_to_do()
    {
        byte[] library = Library(LibstdcxxVersionCure.WantedVersion, "_ZSt21ios_base_library_initv");
        byte[] before = [.. library];

        Assert.Equal(LibstdcxxVersionCure.Outcome.Cured, LibstdcxxVersionCure.Apply(library));
        Assert.Equal(before.Length, library.Length);
        Assert.Contains("\0GLIBCXX_3.4.20\0", Encoding.ASCII.GetString(library));
        Assert.Contains("\0_ZSt15get_new_handlerv\0", Encoding.ASCII.GetString(library));

        byte[] cured = [.. library];
        Assert.Equal(LibstdcxxVersionCure.Outcome.NotNeeded, LibstdcxxVersionCure.Apply(library));
        Assert.Equal(cured, library);
    }

    [Fact]
    public void Refuses_a_library_that_needs_the_version_for_another_symbol()
    {
        byte[] library = Library(LibstdcxxVersionCure.WantedVersion, "_ZSt10some_otherv");
        byte[] before = [.. library];
        InvalidDataException error = Assert.Throws<InvalidDataException>(() => LibstdcxxVersionCure.Apply(library));
        Assert.Contains("GLIBCXX_3.4.32", error.Message, StringComparison.Ordinal);
        Assert.Equal(before, library);
    }

    [Fact]
    public void Refuses_what_is_not_a_library() =>
        Assert.Throws<InvalidDataException>(() => LibstdcxxVersionCure.Apply("not a library"u8.ToArray()));

    [Fact]
    public void A_cured_file_is_a_new_file_so_that_hard_links_to_the_package_cache_stay_as_they_were()
    {
        string folder = Directory.CreateTempSubdirectory().FullName;
        try
        {
            string original = Path.Combine(folder, "cache.so");
            string linked = Path.Combine(folder, "output.so");
            File.WriteAllBytes(original, Library(LibstdcxxVersionCure.WantedVersion, "_ZSt21ios_base_library_initv"));
            byte[] before = File.ReadAllBytes(original);
            using (Process link = Process.Start("ln", [original, linked]))
            {
                link.WaitForExit();
            }

            LibstdcxxVersionCure.Apply(linked);

            Assert.Equal(before, File.ReadAllBytes(original));
            Assert.NotEqual(before, File.ReadAllBytes(linked));
            Assert.Equal(File.GetLastWriteTimeUtc(original), File.GetLastWriteTimeUtc(linked));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>The parts of an ELF library that the cure looks at.</summary>
    private static byte[] Library(string version, string symbol) =>
    [
        .. "\u007fELF"u8,
        .. BitConverter.GetBytes(LibstdcxxVersionCure.ElfHash(version)),
        .. Encoding.ASCII.GetBytes($"\0{symbol}\0memcpy\0{version}\0"),
    ];
}
