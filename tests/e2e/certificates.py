"""Makes an authority and the certificates that it signs with the openssl command, and hashes passwords, for tests."""
import subprocess
import warnings

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    import crypt


def openssl(*arguments, cwd):
    subprocess.run(["openssl", *arguments], cwd=cwd, check=True, capture_output=True)


class Authority:
    def __init__(self, directory, name="ca"):
        self.directory, self.name = directory, name
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", f"{name}.key",
                "-out", f"{name}.crt", "-days", "30", "-subj", f"/CN={name}", cwd=directory)
        self.certificate = f"{directory}/{name}.crt"

    def sign(self, name, names="DNS:localhost,IP:127.0.0.1", days=10):
        """Makes NAME.crt and NAME.key for these alternative names -> the paths of both."""
        openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", f"{name}.key", "-out", f"{name}.csr",
                "-subj", f"/CN={name}", cwd=self.directory)
        with open(f"{self.directory}/{name}.ext", "w") as f:
            f.write(f"subjectAltName={names}\n")
        openssl("x509", "-req", "-in", f"{name}.csr", "-CA", f"{self.name}.crt", "-CAkey", f"{self.name}.key", "-CAcreateserial", "-days", str(days),
                "-extfile", f"{name}.ext", "-out", f"{name}.crt", cwd=self.directory)
        return f"{self.directory}/{name}.crt", f"{self.directory}/{name}.key"


def hashed(password, cost=4):
    return crypt.crypt(password, f"$2b${cost:02}$abcdefghijklmnopqrstuu")


def user(name="alice", password="secret"):
    return f"basic_auth_users: {{{name}: '{hashed(password)}'}}\n"
